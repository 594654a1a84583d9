//! Driving an engine: one output after another, time in between.

use crate::answer::Server;
use crate::clock::Clock;
use crate::draws::Draws;
use crate::fault::Fault;
use crate::log::ServerLog;
use crate::network::{Key, Network};
use crate::stuck::Stuck;
use crate::tally::{Ending, Tally};
use crate::trace::{Trace, What};
use core::cmp::Reverse;
use core::time::Duration;
use crawlspace::{Engine, Event, Failure, Fetch, Outcome, Output, Report, Ticket, Time, UnixTime, Wake};
use std::collections::BinaryHeap;

/// A crawl under way, or over.
pub struct Run {
    engine: Engine,
    server: Server,
    clock: Clock,
    /// What is on its way, by the time it comes.
    coming: BinaryHeap<Reverse<Coming>>,
    /// When the driver has its slots back.
    thaws: Option<Time>,
    log: Option<ServerLog>,
    events: Vec<Event>,
    trace: Trace,
    tally: Tally,
    fetches: u64,
    /// How many answers were given, of whatever kind.
    answers: u64,
    /// For what the driver does by itself.
    draws: Draws,
    /// Numbers what is on its way, so that of two at the same time the first is first.
    sent: u64,
    steps: u64,
    finished: bool,
}

/// An answer on its way. Ordered by time, then by when it was sent.
struct Coming {
    at: Time,
    number: u64,
    ticket: Ticket,
    outcome: Outcome,
    /// Whether it answers a fetch of this crawl at all.
    own: bool,
}

impl PartialEq for Coming {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.number) == (other.at, other.number)
    }
}

impl Eq for Coming {}

impl PartialOrd for Coming {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Coming {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// What becomes of the answers in flight when a crawl is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InFlight {
    /// They are gone, as in a process that was killed.
    Lost,
    /// They come all the same, as from workers that live on.
    Kept,
}

impl Run {
    pub(crate) fn new(engine: Engine, server: Server, steps: u64, logs: bool, traces: bool) -> Self {
        let clock = Clock::at(engine.now());
        let draws = Draws::new(server.network.seed()).fork("driver");
        Self {
            engine,
            server,
            clock,
            coming: BinaryHeap::new(),
            thaws: None,
            log: logs.then(ServerLog::default),
            events: Vec::new(),
            trace: Trace::new(traces),
            tally: Tally::default(),
            fetches: 0,
            answers: 0,
            draws,
            sent: 0,
            steps,
            finished: false,
        }
    }

    /// Carries out the engine's next output; false once the crawl is over.
    ///
    /// # Errors
    ///
    /// See [`Stuck`].
    pub fn step(&mut self) -> Result<bool, Stuck> {
        if self.trace.steps() >= self.steps {
            return Err(Stuck::TooManySteps(self.steps));
        }
        let now = self.clock.reading();
        let output = self.engine.poll(now);
        match output {
            Output::Fetch(fetch) => self.fetch(fetch),
            Output::Event(event) => self.event(event),
            Output::Cancel(id) => {
                self.trace.note(self.engine.now(), What::Cancel, id.get(), "");
                if let Some(log) = &mut self.log {
                    log.end(id.get(), self.engine.now(), None);
                }
            }
            Output::Wait(wake) => self.wait(wake)?,
            Output::Finished => {
                if !self.finished {
                    self.trace.note(self.engine.now(), What::Finished, 0, "");
                    self.finished = true;
                    self.deliver_the_rest();
                }
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Goes on to the end.
    ///
    /// # Errors
    ///
    /// See [`Stuck`].
    pub fn finish(&mut self) -> Result<(), Stuck> {
        while self.step()? {}
        Ok(())
    }

    /// Saves the crawl, throws the engine away, and goes on from what was saved.
    ///
    /// # Errors
    ///
    /// If it cannot be gone on with: [`Stuck::NotResumed`].
    pub fn crash(&mut self, in_flight: InFlight) -> Result<(), Stuck> {
        let snapshot = self.engine.snapshot();
        let at = UnixTime::from_secs(1_800_000_000).as_secs()
            + self.engine.now().since(Time::ZERO).as_secs() as i64;
        let engine = Engine::resume(self.engine.config().clone(), snapshot, UnixTime::from_secs(at));
        self.engine = engine.map_err(|error| Stuck::NotResumed(error.to_string()))?;
        self.trace.note(self.engine.now(), What::Crash, 0, "");
        self.clock.restart(self.engine.now());
        self.thaws = None;
        self.finished = false;
        if let Some(log) = &mut self.log {
            log.interrupt(self.engine.now());
        }
        if in_flight == InFlight::Lost {
            self.coming.clear();
        }
        Ok(())
    }

    /// The engine: for its report, its progress, and to give it commands.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The engine, to give it commands.
    #[must_use]
    pub fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// What the crawl has found.
    #[must_use]
    pub fn report(&self) -> Report<'_> {
        self.engine.report()
    }

    /// What the servers saw; nothing if the log [is not kept](crate::Simulation::keep_log).
    #[must_use]
    pub fn log(&self) -> &ServerLog {
        static NOTHING: ServerLog = ServerLog::nothing();
        self.log.as_ref().unwrap_or(&NOTHING)
    }

    /// The engine's news, in order; kept with the log.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The steps so far.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Which faults struck, and what came of it.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// How many fetches the engine asked for.
    #[must_use]
    pub fn fetches(&self) -> u64 {
        self.fetches
    }

    /// How many answers the engine was given, doubled and foreign ones included.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.answers
    }

    /// How much time has gone by, as it does for the servers, whatever the crawl's clock says.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.clock.true_time().since(Time::ZERO)
    }

    fn event(&mut self, event: Event) {
        let number = match &event {
            Event::Answered { status, ok, .. } => u64::from(status.unwrap_or(0)) << 1 | u64::from(*ok),
            Event::Retrying { at, .. } => at.as_micros(),
            _ => 0,
        };
        self.trace.note(self.engine.now(), What::Event, number, "");
        if self.log.is_some() {
            self.events.push(event);
        }
    }

    fn fetch(&mut self, fetch: Fetch) {
        let Fetch { ticket, request } = fetch;
        self.fetches += 1;
        self.trace.note(self.engine.now(), What::Fetch, request.id.get(), request.url.as_str());
        let now = self.clock.awake_time();
        let key = Key::of(&request);
        let answer = self.server.answer(&request, &key, now);
        let fault = answer.fault;
        if self.server.network.is_calm(now) {
            self.tally.count(fault, Ending::of(&answer.outcome));
            self.send(self.clock.true_time() + answer.after, ticket, answer.outcome);
        } else {
            self.deliver(ticket, &request, &key, answer);
        }
        if let Some(log) = &mut self.log {
            log.begin(self.engine.now(), request, fault);
        }
    }

    /// Puts an answer on its way.
    pub(crate) fn send(&mut self, at: Time, ticket: Ticket, outcome: Outcome) {
        self.push(at, ticket, outcome, true);
    }

    /// Puts an answer on its way that answers nothing.
    pub(crate) fn send_foreign(&mut self, at: Time, ticket: Ticket, outcome: Outcome) {
        self.push(at, ticket, outcome, false);
    }

    fn push(&mut self, at: Time, ticket: Ticket, outcome: Outcome, own: bool) {
        self.sent += 1;
        self.coming.push(Reverse(Coming { at, number: self.sent, ticket, outcome, own }));
    }

    /// Lets time pass as the engine asks: to the next answer, or as long as told.
    fn wait(&mut self, wake: Wake) -> Result<(), Stuck> {
        self.trace.note(self.engine.now(), What::Wait, wake_number(wake), "");
        if let Wake::At(at, _) = wake
            && at <= self.engine.now()
        {
            return Err(Stuck::WakeNotAfterNow { now: self.engine.now(), wake: at });
        }
        if !self.server.network.is_calm(self.clock.awake_time()) {
            self.disturb(wake)?;
        }
        let answer = self.coming.peek().map(|Reverse(coming)| coming.at);
        let told = if let Wake::At(at, _) = wake { Some(self.clock.when_it_reads(at)) } else { None };
        let next = [answer, told, self.thaws].into_iter().flatten().min();
        let Some(next) = next else { return Err(Stuck::Stalled(wake)) };
        self.clock.pass_to(next);
        if self.thaws.is_some_and(|at| at <= next) {
            self.set_slots(usize::MAX);
            self.thaws = None;
        }
        while let Some(Reverse(coming)) = self.coming.peek()
            && coming.at <= next
            && let Some(Reverse(coming)) = self.coming.pop()
        {
            self.complete(coming);
        }
        Ok(())
    }

    fn complete(&mut self, coming: Coming) {
        let Coming { ticket, outcome, own, .. } = coming;
        let id = ticket.id().get();
        self.trace.note(self.clock.reading(), What::Answer, id << 8 | Ending::of(&outcome) as u64, "");
        self.answers += 1;
        if let Some(log) = self.log.as_mut().filter(|_| own) {
            log.end(id, self.clock.reading().max(self.engine.now()), Some(&outcome));
        }
        self.engine.complete(ticket, outcome);
    }

    fn set_slots(&mut self, slots: usize) {
        self.trace.note(self.engine.now(), What::Capacity, slots as u64, "");
        self.engine.set_capacity(slots);
    }

    /// What a driver does wrong now and then.
    fn disturb(&mut self, wake: Wake) -> Result<(), Stuck> {
        let now = self.clock.awake_time();
        let mut strikes = |fault| self.server.network.strikes_driver(fault, self.draws.draw(), now);
        let (polled, back, ahead, busy, suspended) = (
            strikes(Fault::Polled),
            strikes(Fault::ClockBack),
            strikes(Fault::ClockAhead),
            strikes(Fault::Busy),
            strikes(Fault::Suspended),
        );
        if polled {
            self.tally.count(Some(Fault::Polled), Ending::Success);
            let reading = self.clock.reading();
            for time in [reading, self.engine.now(), Time::ZERO] {
                let again = self.engine.poll(time);
                if again != Output::Wait(wake) {
                    return Err(Stuck::PollChanged(format!("{wake:?} became {again:?}")));
                }
            }
        }
        let spans = [1_000, 1_000_000, 3_600_000_000, 86_400_000_000 * 366, 86_400_000_000 * 3_653];
        if back || ahead {
            // Back by a year at most.
            let span = Duration::from_micros(spans[self.draws.below(if back { 4 } else { 5 }) as usize]);
            self.tally.count(Some(if back { Fault::ClockBack } else { Fault::ClockAhead }), Ending::Success);
            self.clock.jump(span, back);
            self.trace.note(self.clock.reading(), What::Clock, 0, "");
        }
        if busy {
            self.tally.count(Some(Fault::Busy), Ending::Success);
            let slots = self.draws.below(3) as usize;
            self.set_slots(slots);
            let frozen = self.draws.between(Duration::from_millis(1), Duration::from_secs(20));
            self.thaws = Some(self.clock.true_time() + frozen);
        }
        if suspended {
            self.suspend();
        }
        Ok(())
    }

    /// Sleeps for about as long as a robots.txt is good for, a little less or more. When it wakes, connections are
    /// gone, but for what had come before.
    fn suspend(&mut self) {
        self.tally.count(Some(Fault::Suspended), Ending::Success);
        self.clock.sleep(self.draws.between(Duration::from_hours(20), Duration::from_hours(28)));
        self.trace.note(self.clock.reading(), What::Clock, 1, "");
        let woke = self.clock.true_time();
        let mut coming: Vec<Coming> =
            core::mem::take(&mut self.coming).into_iter().map(|coming| coming.0).collect();
        // A heap has no order of its own to draw by.
        coming.sort_unstable();
        for coming in coming.iter_mut().filter(|coming| coming.own && coming.at <= woke) {
            if self.draws.one_in(2) {
                (coming.at, coming.outcome) = (woke, Outcome::Failed(Failure::Closed));
            }
        }
        self.coming = coming.into_iter().map(Reverse).collect();
    }

    /// Answers that come after the end: they must change nothing.
    fn deliver_the_rest(&mut self) {
        while let Some(Reverse(coming)) = self.coming.pop() {
            self.complete(coming);
        }
    }

    pub(crate) fn network(&self) -> &Network {
        &self.server.network
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn tally_mut(&mut self) -> &mut Tally {
        &mut self.tally
    }
}

impl core::fmt::Debug for Run {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Run").field("now", &self.engine.now()).field("steps", &self.trace.steps()).finish()
    }
}

fn wake_number(wake: Wake) -> u64 {
    match wake {
        Wake::At(at, why) => at.as_micros() << 4 | why as u64,
        Wake::OnInput(why) => u64::MAX << 4 | why as u64,
    }
}
