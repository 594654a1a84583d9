//! The resolver, with lookups that are made up; no name leaves this machine.

use crawlspace::{Dns, Failure, Local, Phase};
use crawlspace_http::resolve::Lookup;
use crawlspace_http::{Resolver, ResolverConfig};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(60);
const NO_SUCH_NAME: Failure = Failure::Dns(Dns::NoSuchName);
const TEMPORARY: Failure = Failure::Dns(Dns::Temporary);

/// Answers by the name's first label, and writes down who asked for what.
#[derive(Default)]
struct Book {
    asked: Mutex<Vec<String>>,
    threads: Mutex<BTreeSet<String>>,
}

impl Lookup for Book {
    fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, Failure> {
        self.asked.lock().expect("not poisoned").push(host.to_owned());
        self.threads.lock().expect("not poisoned").insert(format!("{:?}", thread::current().id()));
        match host.split('.').next() {
            Some("none") => Err(NO_SUCH_NAME),
            Some("empty") => Ok(vec![]),
            Some("later") => Err(TEMPORARY),
            Some("panic") => panic!("as asked"),
            _ => Ok(vec![address(1), address(2)]),
        }
    }
}

impl Book {
    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("not poisoned").clone()
    }
}

fn address(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))
}

fn with_book(config: ResolverConfig) -> (Resolver, Arc<Book>) {
    let book = Arc::new(Book::default());
    (Resolver::new(ResolverConfig { lookup: book.clone(), ..config }), book)
}

fn at(addresses: &[IpAddr], port: u16) -> Result<Vec<SocketAddr>, Failure> {
    Ok(addresses.iter().map(|address| SocketAddr::new(*address, port)).collect())
}

/// Held lookups: each says that it has begun, then waits for leave.
struct Gate {
    begun: SyncSender<String>,
    leave: Mutex<Receiver<()>>,
}

impl Lookup for Gate {
    fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, Failure> {
        self.begun.send(host.to_owned()).expect("the test listens");
        self.leave.lock().expect("not poisoned").recv().expect("the test gives leave");
        Ok(vec![address(1)])
    }
}

fn gated(threads: usize) -> (Resolver, Receiver<String>, SyncSender<()>) {
    let (begun, has_begun) = sync_channel(1000);
    let (give, leave) = sync_channel(1000);
    let lookup = Arc::new(Gate { begun, leave: Mutex::new(leave) });
    (Resolver::new(ResolverConfig { threads, lookup, ..ResolverConfig::default() }), has_begun, give)
}

// ---- what is never asked ----

#[test]
fn literals_and_local_names_are_not_looked_up() {
    let (resolver, book) = with_book(ResolverConfig::default());
    for (host, found) in [
        ("127.0.0.1", "127.0.0.1:80"),
        ("192.0.2.7", "192.0.2.7:80"),
        ("::1", "[::1]:80"),
        ("[::1]", "[::1]:80"),
        ("[2001:db8::7]", "[2001:db8::7]:80"),
        ("[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]:80"),
    ] {
        assert_eq!(resolver.resolve(host, 80, LONG), Ok(vec![found.parse().expect("an address")]), "{host}");
    }
    let loopback = ["127.0.0.1:1".parse().expect("an address"), "[::1]:1".parse().expect("an address")];
    for host in ["localhost", "LocalHost", "localhost.", "a.localhost", "a.b.localhost."] {
        assert_eq!(resolver.resolve(host, 1, LONG), Ok(loopback.to_vec()), "{host}");
    }
    for host in ["", ".", &"a.".repeat(200)] {
        assert_eq!(resolver.resolve(host, 1, LONG), Err(NO_SUCH_NAME), "{host}");
    }
    assert_eq!(book.asked(), [""; 0]);
    assert_eq!(resolver.resolve("notlocalhost", 1, LONG), at(&[address(1), address(2)], 1));
}

#[test]
fn overrides_come_first() {
    let mut config = ResolverConfig::default();
    config.overrides.insert("A.test".to_owned(), vec![address(9), address(8)]);
    config.overrides.insert("gone.test".to_owned(), vec![]);
    config.overrides.insert("localhost".to_owned(), vec![address(7)]);
    let (resolver, book) = with_book(config);
    assert_eq!(resolver.resolve("a.TEST", 81, LONG), at(&[address(9), address(8)], 81));
    assert_eq!(resolver.resolve("gone.test", 81, LONG), Err(NO_SUCH_NAME));
    assert_eq!(resolver.resolve("localhost", 81, LONG), at(&[address(7)], 81));
    assert_eq!(book.asked(), [""; 0]);
}

// ---- X1, T122 ----

#[test]
fn no_such_name_is_told_from_a_failure_to_find_out() {
    let (resolver, _) = with_book(ResolverConfig::default());
    assert_eq!(resolver.resolve("none.test", 80, LONG), Err(NO_SUCH_NAME));
    assert_eq!(resolver.resolve("empty.test", 80, LONG), Err(NO_SUCH_NAME));
    assert_eq!(resolver.resolve("later.test", 80, LONG), Err(TEMPORARY));
    assert_eq!(resolver.resolve("there.test", 80, LONG), at(&[address(1), address(2)], 80));
}

#[test]
fn an_answer_is_asked_for_once_while_it_is_good() {
    let config = ResolverConfig {
        positive_ttl: LONG,
        negative_ttl: LONG,
        failure_ttl: LONG,
        ..ResolverConfig::default()
    };
    let (resolver, book) = with_book(config);
    for _ in 0..100 {
        for host in ["a.test", "none.test", "later.test"] {
            let _ = resolver.clone().resolve(host, 80, LONG);
        }
    }
    assert_eq!(book.asked(), ["a.test", "none.test", "later.test"]);
    assert_eq!(
        resolver.resolve("A.TEST", 443, LONG),
        at(&[address(1), address(2)], 443),
        "each with its own port"
    );
    assert_eq!(book.asked().len(), 3);
}

#[test]
fn each_kind_of_answer_has_its_own_time() {
    let none = Duration::ZERO;
    for (index, host) in ["a.test", "none.test", "later.test"].into_iter().enumerate() {
        let mut ttls = [LONG; 3];
        ttls[index] = none;
        let [positive_ttl, negative_ttl, failure_ttl] = ttls;
        let config = ResolverConfig { positive_ttl, negative_ttl, failure_ttl, ..ResolverConfig::default() };
        let (resolver, book) = with_book(config);
        for host in ["a.test", "none.test", "later.test"].repeat(3) {
            let _ = resolver.resolve(host, 80, LONG);
        }
        let asked = |name| book.asked().iter().filter(|asked| *asked == name).count();
        for name in ["a.test", "none.test", "later.test"] {
            assert_eq!(asked(name), if name == host { 3 } else { 1 }, "{name}");
        }
    }
}

#[test]
fn the_cache_is_bounded_and_keeps_what_is_new() {
    for cache_names in [0, 1, 8] {
        let (resolver, book) = with_book(ResolverConfig { cache_names, ..ResolverConfig::default() });
        let ask = |index| assert!(resolver.resolve(&format!("n{index}.test"), 80, LONG).is_ok());
        for index in 0..50 {
            ask(index);
            ask(index);
        }
        assert_eq!(book.asked().len(), if cache_names == 0 { 100 } else { 50 }, "the last one is remembered");
        let before = book.asked().len();
        (0..50).for_each(ask);
        assert!(book.asked().len() - before >= 50 - cache_names, "{cache_names}");
    }
}

// ---- threads ----

#[test]
fn those_who_want_the_same_name_share_one_lookup() {
    let (resolver, begun, give) = gated(4);
    let waiting: Vec<_> = (0..50).map(|port| resolver.resolve_async("a.test", port)).collect();
    let blocked = {
        let resolver = resolver.clone();
        thread::spawn(move || resolver.resolve("A.test", 50, LONG))
    };
    assert_eq!(begun.recv().as_deref(), Ok("a.test"));
    give.send(()).expect("a lookup waits");
    for (port, future) in (0..50).zip(waiting) {
        assert_eq!(block_on(future), at(&[address(1)], port));
    }
    assert_eq!(blocked.join().expect("no panic"), at(&[address(1)], 50));
    assert!(begun.try_recv().is_err(), "nobody asked twice");
}

/// T123: never more lookups at a time than stated, and no thread before it is needed.
#[test]
fn there_are_never_more_threads_than_stated() {
    let (resolver, begun, give) = gated(3);
    let names: Vec<_> = (0..20).map(|index| format!("n{index}.test")).collect();
    let waiting: Vec<_> = names.iter().map(|name| resolver.resolve_async(name, 80)).collect();
    let mut first: Vec<_> = (0..3).map(|_| begun.recv().expect("it begins")).collect();
    first.sort();
    assert_eq!(first, names[..3]);
    for _ in 3..20 {
        assert!(begun.try_recv().is_err(), "a fourth lookup while three are held");
        give.send(()).expect("a lookup waits");
        begun.recv().expect("another follows");
    }
    for _ in 0..3 {
        give.send(()).expect("a lookup waits");
    }
    for future in waiting {
        assert_eq!(block_on(future), at(&[address(1)], 80));
    }
}

#[test]
fn one_thread_serves_those_who_come_one_after_another() {
    let (resolver, book) = with_book(ResolverConfig { threads: 8, ..ResolverConfig::default() });
    for index in 0..50 {
        assert!(resolver.resolve(&format!("n{index}.test"), 80, LONG).is_ok());
    }
    assert_eq!(book.threads.lock().expect("not poisoned").len(), 1);
    // None at all would answer nothing.
    let (resolver, _) = with_book(ResolverConfig { threads: 0, ..ResolverConfig::default() });
    assert!(resolver.resolve("a.test", 80, LONG).is_ok());
}

#[test]
fn many_callers_from_many_threads_all_get_their_answer() {
    let (resolver, book) =
        with_book(ResolverConfig { threads: 3, positive_ttl: Duration::ZERO, ..Default::default() });
    let together = Arc::new(Barrier::new(8));
    let callers: Vec<_> = (0..8)
        .map(|caller| {
            let (resolver, together) = (resolver.clone(), Arc::clone(&together));
            thread::spawn(move || {
                together.wait();
                for round in 0..200_u16 {
                    let host = format!("n{}.test", (round + caller) % 7);
                    assert_eq!(resolver.resolve(&host, round, LONG), at(&[address(1), address(2)], round));
                }
            })
        })
        .collect();
    for caller in callers {
        caller.join().expect("no panic");
    }
    assert!(book.threads.lock().expect("not poisoned").len() <= 3);
}

#[test]
fn a_caller_waits_no_longer_than_it_says_and_the_answer_is_not_lost() {
    let (resolver, begun, give) = gated(1);
    assert_eq!(resolver.resolve("a.test", 80, Duration::ZERO), Err(Failure::Timeout(Phase::Resolve)));
    assert_eq!(begun.recv().as_deref(), Ok("a.test"));
    drop(resolver.resolve_async("a.test", 80));
    let later = resolver.resolve_async("a.test", 80);
    give.send(()).expect("a lookup waits");
    assert_eq!(block_on(later), at(&[address(1)], 80));
    assert_eq!(resolver.resolve("a.test", 81, Duration::ZERO), at(&[address(1)], 81), "remembered");
}

/// Else the names of fetches that have long timed out would hold up those that are waited for.
#[test]
fn a_question_that_nobody_waits_for_steps_aside() {
    let (resolver, begun, give) = gated(1);
    let first = resolver.resolve_async("a.test", 80);
    assert_eq!(begun.recv().as_deref(), Ok("a.test"));
    drop(resolver.resolve_async("given-up.test", 80));
    let wanted = resolver.resolve_async("b.test", 80);
    give.send(()).expect("a lookup waits");
    assert_eq!(begun.recv().as_deref(), Ok("b.test"));
    give.send(()).expect("a lookup waits");
    assert_eq!((block_on(first), block_on(wanted)), (at(&[address(1)], 80), at(&[address(1)], 80)));
    // Asked for again, it is a question like any other.
    let again = resolver.resolve_async("given-up.test", 80);
    assert_eq!(begun.recv().as_deref(), Ok("given-up.test"));
    give.send(()).expect("a lookup waits");
    assert_eq!(block_on(again), at(&[address(1)], 80));
}

#[test]
fn a_panic_costs_one_answer() {
    let (resolver, _) =
        with_book(ResolverConfig { threads: 1, failure_ttl: Duration::ZERO, ..Default::default() });
    for _ in 0..3 {
        assert_eq!(resolver.resolve("panic.test", 80, LONG), Err(Failure::Local(Local::Panicked)));
        assert!(resolver.resolve("a.test", 80, LONG).is_ok());
    }
}

#[test]
fn who_waits_is_answered_though_the_resolver_is_dropped() {
    let (resolver, begun, give) = gated(1);
    let mut waiting = ["a.test", "b.test"].map(|host| Box::pin(resolver.resolve_async(host, 80)));
    for future in &mut waiting {
        let pending = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(pending, Poll::Pending);
    }
    drop(resolver);
    for future in waiting {
        begun.recv().expect("it begins");
        give.send(()).expect("a lookup waits");
        assert_eq!(block_on(future), at(&[address(1)], 80));
    }
}

#[test]
fn threads_end_with_the_last_clone() {
    struct Witness(#[expect(dead_code, reason = "dropped with the lookup")] SyncSender<()>);
    impl Lookup for Witness {
        fn lookup(&self, _: &str) -> Result<Vec<IpAddr>, Failure> {
            Ok(vec![address(1)])
        }
    }
    let (sender, gone) = sync_channel::<()>(1);
    let resolver = Resolver::new(ResolverConfig { lookup: Arc::new(Witness(sender)), ..Default::default() });
    assert!(resolver.resolve("a.test", 80, LONG).is_ok());
    let clone = resolver.clone();
    drop(resolver);
    assert!(clone.resolve("b.test", 80, LONG).is_ok());
    drop(clone);
    assert!(gone.recv().is_err(), "every thread has let go of the lookup");
}

// ---- the system ----

/// `.invalid` never exists (RFC 6761 section 6.4), but without a name server nobody can say so.
#[test]
fn the_system_knows_its_own_name_and_no_invalid_one() {
    let resolver = Resolver::new(ResolverConfig::default());
    let invalid = resolver.resolve("crawlspace-test.invalid", 80, LONG);
    assert!(matches!(invalid, Err(Failure::Dns(_))), "{invalid:?}");
    let nul = resolver.resolve("a\0b.test", 80, LONG);
    assert!(matches!(nul, Err(Failure::Dns(_))), "{nul:?}");
    // Straight to the system, around the rule for local names.
    let found = crawlspace_http::resolve::SystemLookup.lookup("localhost").expect("/etc/hosts has it");
    assert!(found.iter().all(IpAddr::is_loopback) && !found.is_empty(), "{found:?}");
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len(), "each once");
}

/// Runs a future without any runtime.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut future = std::pin::pin!(future);
    let waker = Arc::new(Unpark(thread::current())).into();
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
