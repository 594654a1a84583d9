//! The pool against every order of events, with connections that are only counted.

use super::{Acquired, Caps, Grant, Lease, Place, Pool, Shared};
use crate::origin::{Origin, OriginRef};
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;
use tokio::sync::oneshot::{self, error::TryRecvError};
use tokio::time::Instant;

/// A connection is open as long as its lease lives.
struct Fake {
    origin: usize,
    _open: Lease,
}

/// The connection behind a handle is closed by whoever drives it, once no handle is left.
#[derive(Clone)]
struct FakeShared(Arc<AtomicBool>);

impl Shared for FakeShared {
    fn is_open(&self) -> bool {
        self.0.load(SeqCst)
    }
}

type Given = Grant<Fake, FakeShared>;

/// Origins 0 and 1 are known to need a connection for each request; what the others speak shows once connected.
const ORIGINS: [&str; 4] = ["a", "b", "c", "d"];
const CAPS: Caps = Caps { connections: 4, per_origin: 2, streams: 2, idle: Duration::from_secs(15) };

#[derive(Clone, Debug)]
enum Op {
    Ask {
        origin: usize,
    },
    /// The request that was given something so long ago is over; its connection can be used again.
    Return(prop::sample::Index),
    /// It is over, and so is its connection.
    Close(prop::sample::Index),
    GiveUp(prop::sample::Index),
    /// A shared connection breaks.
    Break(prop::sample::Index),
    Wait,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        4 => (0..ORIGINS.len()).prop_map(|origin| Op::Ask { origin }),
        2 => any::<prop::sample::Index>().prop_map(Op::Return),
        1 => any::<prop::sample::Index>().prop_map(Op::Close),
        1 => any::<prop::sample::Index>().prop_map(Op::GiveUp),
        1 => any::<prop::sample::Index>().prop_map(Op::Break),
        1 => Just(Op::Wait),
    ];
    prop::collection::vec(op, 1..120)
}

enum Held {
    Own(Arc<Origin>, Fake),
    Place(usize, Place<FakeShared>),
}

struct World {
    pool: Arc<Pool<Fake, FakeShared>>,
    now: Instant,
    held: Vec<Held>,
    waiting: Vec<(usize, Arc<Origin>, oneshot::Receiver<Given>)>,
    /// The leases of shared connections, with whether they are open.
    shared: Vec<(usize, FakeShared, Lease)>,
    /// Which origins share, once connected.
    shares: [bool; 4],
}

impl World {
    fn new(shares: [bool; 4]) -> Self {
        Self {
            pool: Pool::new(CAPS),
            now: Instant::now(),
            held: Vec::new(),
            waiting: Vec::new(),
            shared: Vec::new(),
            shares,
        }
    }

    fn run(&mut self, op: &Op) {
        match op {
            Op::Ask { origin } => self.ask(*origin),
            Op::Return(index) if !self.held.is_empty() => {
                match self.held.swap_remove(index.index(self.held.len())) {
                    Held::Own(origin, fake) => self.pool.give_back(&origin, fake, self.now),
                    Held::Place(_, place) => drop(place),
                }
            }
            Op::Close(index) if !self.held.is_empty() => {
                drop(self.held.swap_remove(index.index(self.held.len())));
            }
            Op::GiveUp(index) if !self.waiting.is_empty() => {
                drop(self.waiting.remove(index.index(self.waiting.len())));
            }
            Op::Break(index) if !self.shared.is_empty() => {
                let (_, handle, lease) = self.shared.swap_remove(index.index(self.shared.len()));
                handle.0.store(false, SeqCst);
                drop(lease);
            }
            Op::Wait => self.now += Duration::from_secs(10),
            _ => {}
        }
        self.settle();
    }

    fn ask(&mut self, origin: usize) {
        let name = OriginRef { tls: true, host: ORIGINS[origin], port: 443 };
        let (known, acquired) = self.pool.acquire(name, origin >= 2, self.now);
        match acquired {
            Acquired::Now(grant) => {
                // Nobody who came before for the same origin may still be waiting.
                assert!(self.waiting.iter().all(|(other, ..)| *other != origin));
                self.take(origin, known, grant);
            }
            Acquired::Later(wait) => self.waiting.push((origin, known, wait)),
        }
    }

    fn take(&mut self, origin: usize, known: Arc<Origin>, grant: Given) {
        match grant {
            Grant::Reuse(fake) => {
                assert_eq!(fake.origin, origin);
                self.held.push(Held::Own(known, fake));
            }
            Grant::Place(place) => self.held.push(Held::Place(origin, place)),
            Grant::Open(lease) if origin >= 2 && self.shares[origin] => {
                let (id, handle) = (lease.id(), FakeShared(Arc::new(AtomicBool::new(true))));
                self.shared.push((origin, handle.clone(), lease));
                let place = self.pool.share(&known, id, handle);
                self.held.push(Held::Place(origin, place));
            }
            Grant::Open(lease) => {
                if origin >= 2 {
                    self.pool.settle(&known, lease.id());
                }
                self.held.push(Held::Own(known, Fake { origin, _open: lease }));
            }
        }
    }

    /// Takes what waiters were given and closes what nobody has a handle to, until all is quiet.
    fn settle(&mut self) {
        loop {
            let idle = |(_, handle, _): &(usize, FakeShared, Lease)| Arc::strong_count(&handle.0) == 1;
            if let Some(over) = self.shared.iter().position(idle) {
                drop(self.shared.swap_remove(over));
                continue;
            }
            let mut given = None;
            for (index, (origin, _, wait)) in self.waiting.iter_mut().enumerate() {
                match wait.try_recv() {
                    Ok(grant) => {
                        given = Some((index, *origin, grant));
                        break;
                    }
                    Err(TryRecvError::Empty) => {}
                    Err(TryRecvError::Closed) => panic!("a waiter was forgotten"),
                }
            }
            let Some((index, origin, grant)) = given else { return };
            // First come, first served.
            assert!(self.waiting[..index].iter().all(|(other, ..)| *other != origin));
            let (_, known, _) = self.waiting.remove(index);
            self.take(origin, known, grant);
        }
    }

    /// Open connections of an origin that are in use.
    fn used(&self, origin: usize) -> usize {
        let own = |held: &&Held| matches!(held, Held::Own(_, fake) if fake.origin == origin);
        let shared = self.shared.iter().filter(|(of, ..)| *of == origin).count();
        self.held.iter().filter(own).count() + shared
    }

    fn check(&self) {
        let books = self.pool.books();
        assert!(books.iter().map(|(_, open)| open).sum::<usize>() <= CAPS.connections);
        for (origin, name) in ORIGINS.iter().enumerate() {
            let open = books.iter().find(|(host, _)| host == name).map_or(0, |(_, open)| *open);
            assert!(open <= CAPS.per_origin && self.used(origin) <= open);
            if self.waiting.iter().any(|(of, ..)| *of == origin) {
                self.check_waits(origin, open, &books);
            }
        }
    }

    /// Who waits has a reason.
    fn check_waits(&self, origin: usize, open: usize, books: &[(String, usize)]) {
        let places = self.held.iter().filter(|held| matches!(held, Held::Place(of, _) if *of == origin));
        let places = places.count();
        let shared = self.shared.iter().any(|(of, ..)| *of == origin);
        let origin_full = if shared { places >= CAPS.streams } else { open >= CAPS.per_origin };
        let all_used = (0..ORIGINS.len()).map(|origin| self.used(origin)).sum::<usize>();
        let all_open = books.iter().map(|(_, open)| open).sum::<usize>();
        // Nothing is idle that could be closed to make room.
        let full = all_open == CAPS.connections
            && self.shared.iter().all(|(of, ..)| self.has_place(*of))
            && all_used == all_open;
        assert!(origin_full || full, "origin {origin} waits for nothing: {books:?}");
        assert!(
            !origin_full || shared || self.used(origin) == open,
            "origin {origin} waits beside idle ones"
        );
    }

    fn has_place(&self, origin: usize) -> bool {
        self.held.iter().any(|held| matches!(held, Held::Place(of, _) if *of == origin))
    }
}

proptest! {
    /// Never more than the caps, never a wait without a reason, first come first served; and all are served in the
    /// end.
    #[test]
    fn any_order_of_events(ops in ops(), shares: [bool; 4]) {
        let mut world = World::new(shares);
        for op in &ops {
            world.run(op);
            world.check();
        }
        while world.held.pop().is_some() {
            world.settle();
            world.check();
        }
        prop_assert!(world.waiting.is_empty());
    }
}
