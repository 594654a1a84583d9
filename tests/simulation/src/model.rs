//! A crawl whose world and whose every step are decided by bytes, for a fuzzer to search; judged as any other.

use crate::judge::findings;
use crate::plan::Plan;
use crate::witness::{asked_again, manners};
use crate::{Verdict, must};
use crawlspace::codec::{Decode, Encode};
use crawlspace::{
    Connect, Dns, Engine, Event, Failure, Fetch, Local, Outcome, Output, Phase, Request, Seed, Stop, Ticket,
    Time, Tls, UnixTime, Wake,
};
use crawlspace_sim::{Case, Ending, Entry, Faults, Shape, Web};
use std::collections::BTreeSet;
use std::time::Duration;

/// What an input has reached: names of things that happened.
pub type Reached = BTreeSet<String>;

/// Lets bytes decide a crawl, then answers the rest truthfully, and judges it.
///
/// # Errors
///
/// What does not hold.
pub fn run(data: &[u8]) -> Result<Reached, String> {
    let mut bytes = Bytes(data);
    let mut model = Model::new(&mut bytes);
    while !bytes.0.is_empty() && !model.over {
        model.decided(&mut bytes)?;
    }
    model.finish()?;
    Ok(model.reached)
}

/// Inputs for a fuzzer to begin with, and for tests: drawn from a seed.
#[must_use]
pub fn input(seed: u64) -> Vec<u8> {
    let mut draws = crawlspace_sim::Draws::new(seed).fork("model");
    let len = 40 + draws.below(360);
    (0..len).map(|_| draws.below(256) as u8).collect()
}

struct Bytes<'d>(&'d [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }
}

const STARTED: i64 = 1_800_000_000;

/// More steps than any such crawl can have.
const STEPS: u64 = 60_000;

struct Model {
    plan: Plan,
    web: Web,
    engine: Engine,
    now: Time,
    open: Vec<(Ticket, Request)>,
    log: Vec<Entry>,
    seeds: Vec<url::Url>,
    reached: Reached,
    /// Answers that the engine should count as late.
    late: u64,
    lost: usize,
    steps: u64,
    over: bool,
    stopped: bool,
}

impl Model {
    fn new(bytes: &mut Bytes<'_>) -> Self {
        let shapes = [Shape::Mixed, Shape::Mixed, Shape::Mixed, Shape::Maze, Shape::Diamond, Shape::Tree];
        let shape = shapes[usize::from(bytes.next()) % shapes.len()];
        let pages = 1 + u64::from(bytes.next() % 24);
        let seed = u64::from(bytes.next()) << 8 | u64::from(bytes.next());
        let case = Case { seed, shape, pages, heals: 0, faults: Faults::none() };
        let mut plan = Plan::of(&case).unlimited();
        plan.concurrency = plan.concurrency.min(8);
        let engine = Engine::new(plan.config(), Seed(seed), UnixTime::from_secs(STARTED));
        Self {
            seeds: vec![plan.seed.clone()],
            plan,
            web: case.web(),
            engine,
            now: Time::ZERO,
            open: Vec::new(),
            log: Vec::new(),
            reached: Reached::new(),
            late: 0,
            lost: 0,
            steps: 0,
            over: false,
            stopped: false,
        }
    }

    fn reach(&mut self, what: impl Into<String>) {
        self.reached.insert(what.into());
    }

    /// Carries out outputs until the engine waits, and gives what it waits for.
    fn settle(&mut self) -> Result<Option<Wake>, String> {
        loop {
            self.steps += 1;
            must!(self.steps < STEPS, "I8: no end after {STEPS} steps");
            match self.engine.poll(self.now) {
                Output::Fetch(Fetch { ticket, request }) => {
                    must!(!self.stopped, "I29: {} asked for after a stop", request.url);
                    self.reach(format!("fetch {:?} {:?} {:?}", request.kind, request.method, request.need));
                    let at = self.engine.now();
                    self.log.push(Entry {
                        at,
                        request: request.clone(),
                        fault: None,
                        ended: None,
                        outcome: None,
                        interrupted: false,
                    });
                    self.open.push((ticket, request));
                }
                Output::Event(event) => self.event(&event),
                Output::Cancel(id) => {
                    self.reach("cancel");
                    self.end(id.get(), None);
                }
                Output::Wait(wake) => {
                    if let Wake::At(at, why) = wake {
                        must!(at > self.engine.now(), "wake at {at}, now {}", self.engine.now());
                        self.reach(format!("wait {why:?}"));
                    }
                    return Ok(Some(wake));
                }
                Output::Finished => {
                    self.over = true;
                    return Ok(None);
                }
            }
        }
    }

    fn event(&mut self, event: &Event) {
        self.reach(match event {
            Event::Answered { ok, .. } => format!("answered {ok}"),
            Event::Retrying { attempts, .. } => format!("retrying {attempts}"),
            Event::Robots { open, .. } => format!("robots {open}"),
            other => format!("{other:?}"),
        });
    }

    /// One step, as the bytes say.
    fn decided(&mut self, bytes: &mut Bytes<'_>) -> Verdict {
        let Some(wake) = self.settle()? else { return Ok(()) };
        let (op, with) = (bytes.next() % 20, usize::from(bytes.next()));
        match op {
            0..=7 => self.answer(with, None, 1),
            8..=10 => self.answer(with, Some(failure(bytes.next())), 1),
            11 => self.answer(with, None, 2 + with % 3),
            12 => self.lose(with),
            13 => self.foreign(with),
            14 | 15 => self.pass(wake),
            16 => {
                // Not as long as told, or backwards.
                let back = Duration::from_millis(with as u64 * 10);
                self.now = if with.is_multiple_of(2) { self.now + back } else { Time::ZERO };
                self.reach("odd time");
            }
            17 => self.crash(with.is_multiple_of(2))?,
            18 => {
                self.engine.set_capacity(with % 4);
                self.reach("capacity");
            }
            _ => self.command(with)?,
        }
        Ok(())
    }

    fn answer(&mut self, which: usize, failure: Option<Failure>, times: usize) {
        if self.open.is_empty() {
            return;
        }
        let (ticket, request) = self.open.remove(which % self.open.len());
        let outcome = failure.map_or_else(|| self.truth(&request), Outcome::Failed);
        self.reach(format!("{times} {:?} {:?}", request.method, Ending::of(&outcome)));
        for _ in 1..times {
            self.complete(copy(&ticket), outcome.clone());
        }
        self.complete(ticket, outcome);
    }

    fn complete(&mut self, ticket: Ticket, outcome: Outcome) {
        let id = ticket.id().get();
        if !self.end(id, Some(&outcome)) {
            self.late += 1;
        }
        self.engine.complete(ticket, outcome);
    }

    /// A fetch is over; false if it was before.
    fn end(&mut self, id: u64, outcome: Option<&Outcome>) -> bool {
        let now = self.engine.now().max(self.now);
        let entries = self.log.iter_mut().rev().filter(|entry| entry.request.id.get() == id);
        let Some(entry) = entries.take(1).find(|entry| entry.ended.is_none()) else { return false };
        entry.ended = Some(now);
        entry.outcome = outcome.cloned();
        true
    }

    fn lose(&mut self, which: usize) {
        if !self.open.is_empty() {
            let at = which % self.open.len();
            drop(self.open.remove(at));
            self.reach("lost");
        }
    }

    fn foreign(&mut self, with: usize) {
        let Some((ticket, _)) = self.open.first() else { return };
        let bytes = ticket.to_bytes();
        let mut rest = bytes.as_slice();
        let Ok((id, crawl)) = u64::decode(&mut rest).and_then(|id| Ok((id, u64::decode(&mut rest)?))) else {
            return;
        };
        let (id, crawl) = if with.is_multiple_of(2) { (id, !crawl) } else { (id + 1_000_000, crawl) };
        let mut bytes = Vec::new();
        id.encode(&mut bytes);
        crawl.encode(&mut bytes);
        if let Ok(ticket) = Ticket::from_bytes(&bytes) {
            self.late += 1;
            self.engine.complete(ticket, Outcome::Failed(Failure::Closed));
            self.reach("foreign");
        }
    }

    fn pass(&mut self, wake: Wake) {
        if let Wake::At(at, _) = wake {
            self.now = self.now.max(at);
        }
    }

    fn crash(&mut self, lost: bool) -> Verdict {
        let at = UnixTime::from_secs(STARTED + self.engine.now().since(Time::ZERO).as_secs() as i64);
        let engine = Engine::resume(self.plan.config(), self.engine.snapshot(), at);
        self.engine = engine.map_err(|error| format!("I18: {error}"))?;
        let in_flight = self.log.iter_mut().filter(|entry| entry.ended.is_none() && !entry.interrupted);
        self.lost += in_flight.map(|entry| entry.interrupted = true).count();
        if lost {
            self.open.clear();
        }
        self.reach(if lost { "crash" } else { "crash, workers live" });
        Ok(())
    }

    fn command(&mut self, with: usize) -> Verdict {
        match with {
            0..=199 => {
                let Ok(url) = self.plan.seed.join(&format!("/p{}", with % 30)) else { return Ok(()) };
                self.seeds.push(url.clone());
                self.engine.add(url);
                self.reach("add");
                Ok(())
            }
            _ => {
                let how = if with.is_multiple_of(2) { Stop::Drain } else { Stop::Abort };
                if how == Stop::Abort {
                    self.lost += self.log.iter().filter(|entry| entry.ended.is_none()).count();
                }
                self.engine.stop(how);
                self.reach(format!("{how:?}"));
                self.stopped = true;
                while let Some(wake) = self.settle()? {
                    must!(how == Stop::Drain, "I29: an abort that waits: {wake:?}");
                    if self.open.is_empty() {
                        self.pass(wake);
                    } else {
                        self.answer(0, None, 1);
                    }
                }
                // A stopped crawl can be gone on with.
                self.stopped = false;
                self.over = false;
                for (ticket, _) in core::mem::take(&mut self.open) {
                    self.late += 1;
                    self.engine.complete(ticket, Outcome::Failed(Failure::Closed));
                }
                self.crash(true)
            }
        }
    }

    /// The second phase: nothing goes wrong any more, and it must come to its end.
    fn finish(&mut self) -> Verdict {
        self.engine.set_capacity(usize::MAX);
        let mut patience = 0;
        while let Some(wake) = self.settle()? {
            if !self.open.is_empty() {
                self.answer(patience, None, 1);
            } else if let Wake::At(at, _) = wake {
                self.now = self.now.max(at);
            } else {
                return Err(format!("I9: waits for input, and none is to come: {wake:?}"));
            }
            patience += 1;
        }
        manners(&self.plan, &self.log)?;
        asked_again(&self.log, self.lost)?;
        let counted = self.engine.report().statistics().late_answers;
        must!(counted == self.late, "I26: {} late answers, {counted} counted", self.late);
        if !self.engine.report().summary().partial.is_empty() {
            return Ok(());
        }
        findings(&self.plan, &self.engine, &self.log, &self.seeds)
    }

    /// What the web answers.
    fn truth(&self, request: &Request) -> Outcome {
        self.web.answer_to(request, self.engine.spec())
    }
}

fn copy(ticket: &Ticket) -> Ticket {
    match Ticket::from_bytes(&ticket.to_bytes()) {
        Ok(ticket) => ticket,
        Err(error) => unreachable!("a ticket is read as it was written: {error}"),
    }
}

fn failure(number: u8) -> Failure {
    match number % 9 {
        0 => Failure::Dns(Dns::NoSuchName),
        1 => Failure::Dns(Dns::Temporary),
        2 => Failure::Connect(Connect::Refused),
        3 => Failure::Tls(Tls::Expired),
        4 => Failure::Timeout(Phase::Head),
        5 => Failure::Closed,
        6 => Failure::Truncated,
        7 => Failure::Local(Local::Panicked),
        _ => Failure::Timeout(Phase::Body),
    }
}
