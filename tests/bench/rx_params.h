/* shared parameter defaults for rx_flat.pml / rx_proc.pml (same names as rx.h) */
#ifndef NDEV
#define NDEV 1 /* devices sharing the line            */
#endif
#ifndef NRD
#define NRD 1 /* readers sharing one epoll instance  */
#endif
#ifndef N
#define N 4 /* bytes per device                    */
#endif
#ifndef D
#define D 4 /* device fifo depth (arrival blocks when full) */
#endif
#ifndef R
#define R 255 /* ring size, >= N means never full    */
#endif
#ifndef K
#define K 0 /* bytes drained per pass, 0 = all     */
#endif
#ifndef M
#define M 1 /* bytes per read()                    */
#endif
#ifndef EDGE
#define EDGE 0 /* 0 level, 1 rising edge              */
#endif
#ifndef STAT
#define STAT 0 /* line source: 0 fifo!=0, 1 latched status bit (W1C) */
#endif
#ifndef DROP
#define DROP 0 /* 1: edges while active or masked are forgotten */
#endif
#ifndef BODY
#define BODY 0 /* STAT only: 0 clear-then-drain, 1 drain-then-clear */
#endif
#ifndef EOI
#define EOI 0 /* 0 EOI last, 1 EOI first             */
#endif
#ifndef CLR
#define CLR 1 /* 0: driver never clears status       */
#endif
#ifndef SCAN
#define SCAN 0 /* 0 one pass over devices, 1 repeat until a quiet pass */
#endif
#ifndef BH
#define BH 0 /* 1: hard irq masks+EOIs, irq thread drains, unmasks */
#endif
#ifndef UM
#define UM 0 /* BH: 0 unmask last, 1 unmask first   */
#endif
#ifndef SMP
#define SMP 0 /* 1: tasks run while an ISR runs (other CPU) */
#endif
#ifndef EP
#define EP 0 /* epoll: 0 LT, 1 ET, 2 ONESHOT (rearm after reading) */
#endif
#ifndef RP
#define RP 0 /* reader: 0 one read per wakeup, 1 until EAGAIN, 2 until short read */
#endif
