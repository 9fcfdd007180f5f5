// tests/bench/peer_systemc.cpp - the interrupt storm in SystemC, to compare with.
//
//   peer_systemc INTERRUPTS
//
// A device that raises a status bit every 10 ns and drives a wire with it, a controller that
// asks while the wire is high and nothing is in service, a CPU that waits for it, acknowledges,
// clears the device, works 1 ns and ends the service: device to handler to completion, as
// tests/bench/interrupts.lab, but without registers, trace and account of what was lost.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <systemc>

using namespace sc_core;

struct board : sc_module {
    sc_signal<bool> wire{"wire"}, asked{"asked"};
    sc_event changed, cleared;
    bool active = false, status = false;
    uint64_t wanted, handled = 0, spurious = 0;

    SC_HAS_PROCESS(board);
    board(sc_module_name name, uint64_t interrupts) : sc_module(name), wanted(interrupts)
    {
        SC_THREAD(device);
        SC_METHOD(drive);
        sensitive << cleared;
        dont_initialize();
        SC_METHOD(controller);
        sensitive << wire << changed;
        SC_THREAD(cpu);
    }

    void device()
    {
        while (handled < wanted) {
            wait(10, SC_NS);
            status = true;
            cleared.notify(SC_ZERO_TIME);
        }
    }

    void drive() { wire.write(status); }

    void controller() { asked.write(wire.read() && !active); }

    void cpu()
    {
        while (handled < wanted) {
            wait(asked.posedge_event());
            active = true; // acknowledge
            changed.notify(SC_ZERO_TIME);
            spurious += !status;
            status = false; // the device's register
            cleared.notify(SC_ZERO_TIME);
            wait(1, SC_NS);
            active = false; // end of interrupt
            changed.notify(SC_ZERO_TIME);
            handled++;
            wait(1, SC_NS);
        }
        sc_stop();
    }
};

int sc_main(int argc, char **argv)
{
    uint64_t interrupts = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1000000;
    board board("board", interrupts);
    std::clock_t start = std::clock();

    sc_start();
    double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    std::printf("SystemC: %llu interrupts, %.2f million/s, %llu spurious\n",
                static_cast<unsigned long long>(board.handled),
                static_cast<double>(board.handled) / seconds / 1e6,
                static_cast<unsigned long long>(board.spurious));
    return 0;
}
