//! I33, I34: workers over a queue that delivers at least once. They die with what they hold, outlive their leases, and the
//! queue forgets what was done; still each fetch counts once, and none is lost. The queue is a model: what is tested is
//! that an engine behind one needs no more of it than leases.

use crawlspace::codec::{Decode, Encode};
use crawlspace::{Engine, Fetch, FetchId, Output, Request, Seed, Ticket, Time, UnixTime, Wake};
use crawlspace_sim::{Case, Draws, Faults, Simulation, Tested, Web, check};
use crawlspace_simulation::{Plan, text};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::error::Error;
use std::time::Duration;

const AT: UnixTime = UnixTime::from_secs(1_800_000_000);

/// Far below the deadline of a fetch, so that it is handed out again before it lapses.
const LEASE: Duration = Duration::from_secs(2);

/// What becomes of a worker with a message in hand.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Worker {
    Answers,
    /// With the answer not yet given: the message goes to another one when the lease is over.
    Dies,
    /// Its lease is over, and another one has answered, when it does.
    Oversleeps,
    /// Its answer is taken, and the queue forgets that it was.
    IsForgotten,
}

/// Messages as bytes, each either waiting, leased or done.
#[derive(Default)]
struct Queue {
    messages: Vec<Vec<u8>>,
    waiting: VecDeque<usize>,
    leased: Vec<(Time, usize)>,
    done: BTreeSet<usize>,
}

impl Queue {
    fn put(&mut self, Fetch { ticket, request }: &Fetch) {
        let mut bytes = ticket.to_bytes();
        request.encode(&mut bytes);
        self.waiting.push_back(self.messages.len());
        self.messages.push(bytes);
    }

    /// I33: nothing is in two places, or in none; and all that the engine waits for is there.
    fn accounts_for(&self, open: &BTreeSet<FetchId>) -> Result<(), String> {
        let held = self.waiting.iter().copied().chain(self.leased.iter().map(|(_, number)| *number));
        let all: Vec<usize> = held.chain(self.done.iter().copied()).collect();
        let set: BTreeSet<usize> = all.iter().copied().collect();
        if set.len() != all.len() || set.len() != self.messages.len() {
            return Err(format!("I33: {} messages in {} places", self.messages.len(), all.len()));
        }
        let undone: BTreeSet<FetchId> = all
            .iter()
            .filter(|number| !self.done.contains(number))
            .map(|number| self.read(*number).0.id())
            .collect();
        let lost = open.difference(&undone).next();
        lost.map_or(Ok(()), |id| Err(format!("I33: nobody holds {id}")))
    }

    fn read(&self, number: usize) -> (Ticket, Request) {
        let mut bytes = self.messages[number].as_slice();
        let read = Ticket::decode(&mut bytes).and_then(|ticket| Ok((ticket, Request::decode(&mut bytes)?)));
        read.unwrap_or_else(|error| panic!("I34: a message is unreadable: {error}"))
    }
}

/// Crawls to the end over a queue; `fate` is asked for each delivery, by its number. Gives the report and how many deliveries
/// there were.
fn crawl(
    plan: &Plan,
    web: &Web,
    mut fate: impl FnMut(u64) -> Worker,
    crash_at: Option<u64>,
) -> Result<(String, u64), Box<dyn Error>> {
    let mut engine = Engine::new(plan.config(), Seed(1), AT);
    let (mut queue, mut now, mut deliveries) = (Queue::default(), Time::ZERO, 0);
    let (mut open, mut answers, mut counted) = (BTreeSet::new(), 0, 0);
    let mut wire: BTreeMap<(String, u32), u64> = BTreeMap::new();
    for step in 0..200_000 {
        if crash_at == Some(step) {
            engine = Engine::resume(plan.config(), engine.snapshot(), AT)?;
        }
        let wake = match engine.poll(now) {
            Output::Fetch(fetch) => {
                open.insert(fetch.ticket.id());
                queue.put(&fetch);
                continue;
            }
            Output::Event(_) => continue,
            Output::Cancel(id) => return Err(format!("I33: {id} lapsed, though somebody had it").into()),
            Output::Finished => {
                let late = engine.report().statistics().late_answers;
                if answers - counted != late {
                    return Err(format!("I34: {answers} answers to {counted} fetches, {late} late").into());
                }
                return Ok((text(&engine.report()), deliveries));
            }
            Output::Wait(wake) => wake,
        };
        queue.accounts_for(&open)?;
        let is_over = queue.leased.iter().position(|(until, _)| *until <= now);
        if let Some(over) = is_over {
            let (_, number) = queue.leased.remove(over);
            queue.waiting.push_back(number);
            continue;
        }
        let Some(number) = queue.waiting.pop_front() else {
            let leases = queue.leased.iter().map(|(until, _)| *until).min();
            let told = if let Wake::At(at, _) = wake { Some(at) } else { None };
            now = leases.into_iter().chain(told).min().ok_or("I9: nobody has anything to do")?;
            continue;
        };
        let worker = fate(deliveries);
        deliveries += 1;
        let (ticket, request) = queue.read(number);
        *wire.entry((request.url.to_string(), request.attempt)).or_default() += 1;
        let outcome = web.answer_to(&request, engine.spec());
        let copies = if worker == Worker::Oversleeps { 2 } else { 1 };
        if worker == Worker::Dies {
            queue.leased.push((now + LEASE, number));
            continue;
        }
        for _ in 0..copies {
            answers += 1;
            counted += u64::from(open.remove(&ticket.id()));
            engine.complete(Ticket::from_bytes(&ticket.to_bytes())?, outcome.clone());
        }
        if worker == Worker::IsForgotten {
            queue.waiting.push_back(number);
        } else {
            queue.done.insert(number);
        }
    }
    Err("I8: no end".into())
}

fn plan(case: &Case) -> Plan {
    Plan { timeout: Duration::from_secs(30), pages: None, ..Plan::of(case) }
}

#[test]
fn whatever_becomes_of_the_workers() {
    check(95_000..95_100, |case| {
        let case = Case { faults: Faults::none(), ..case.clone() };
        let (plan, web) = (plan(&case), case.web());
        let expected = text(&Simulation::new(case.web()).run(plan.config())?.report());
        let mut draws = Draws::new(case.seed).fork("workers");
        let crash_at = Some(draws.below(60));
        let fate = |_| match draws.below(12) {
            0 => Worker::Dies,
            1 => Worker::Oversleeps,
            2 => Worker::IsForgotten,
            _ => Worker::Answers,
        };
        let (told, _) = crawl(&plan, &web, fate, crash_at)?;
        (told == expected).then_some(()).ok_or("I33: another report over a queue")?;
        Ok(())
    });
}

/// Each worker dies, oversleeps or is forgotten in turn; and the engine, at each of its steps.
#[test]
fn whoever_it_happens_to() -> Tested {
    let case: Case = "seed=3 shape=mixed pages=8".parse()?;
    let (plan, web) = (plan(&case), case.web());
    let (expected, deliveries) = crawl(&plan, &web, |_| Worker::Answers, None)?;
    for which in 0..deliveries {
        for worker in [Worker::Dies, Worker::Oversleeps, Worker::IsForgotten] {
            let fate = |number| if number == which { worker } else { Worker::Answers };
            let (told, taken) = crawl(&plan, &web, fate, None)?;
            assert_eq!(told, expected, "I33: {worker:?} at delivery {which}");
            // What is handed out again may be so when all is over.
            let more = taken - deliveries;
            assert!(
                more <= 1 && (more == 1 || worker != Worker::Dies),
                "I33: {worker:?} at delivery {which}"
            );
            let (told, _) = crawl(&plan, &web, fate, Some(3 * which))?;
            assert_eq!(told, expected, "I33: {worker:?} at delivery {which}, and a crash");
        }
    }
    Ok(())
}
