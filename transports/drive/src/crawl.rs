//! What both loops share: the engine, its clock, and those who watch and talk to it.

use crate::clock::Clock;
use crate::handle::{Command, Handle, Inbox};
use crate::journal::{Input, Journal, JournalError, Recorder};
use crate::observer::{Observer, OnEvent, Unobserved};
use core::fmt;
use core::ops::ControlFlow;
use core::task::Waker;
use core::time::Duration;
use crawlspace::{Engine, Event, Outcome, Output, Stop, Ticket, Time, Wake};

/// A crawl ready to run: on threads by [`Crawl::run_pool`], on a runtime by [`Crawl::run_async`]. Both give the
/// engine back when it has finished, for its report or a snapshot.
#[must_use = "nothing happens before it is run"]
pub struct Crawl<O = Unobserved> {
    engine: Engine,
    clock: Clock,
    observer: O,
    inbox: Inbox,
    /// The clock is read once a turn, not once a step.
    now: Time,
    stopped: Option<Stop>,
    /// How far crawl time is ahead of the clock; `None` where it never is.
    ahead: Option<Duration>,
    /// Fetches in hand.
    open: usize,
    journal: Option<Recorder>,
}

/// How many outputs a turn carries out before it looks for answers, so that neither side starves the other and an
/// async loop gives way to other tasks.
pub(crate) const TURN: usize = 256;

/// How long a loop waits between two turns; input always ends it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Not at all: there is more to do.
    None,
    Until(Time),
    UntilInput,
}

impl Crawl {
    /// A crawl by this engine, new or resumed, in real time from where the engine stands.
    pub fn new(engine: Engine) -> Self {
        let now = engine.now();
        let clock = Clock::starting_at(now);
        let (observer, inbox) = (Unobserved, Inbox::new());
        Self { engine, clock, observer, inbox, now, stopped: None, ahead: None, open: 0, journal: None }
    }
}

impl<O: Observer> Crawl<O> {
    /// Reads another clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Is watched by this observer, in place of the one before.
    pub fn observer<P: Observer>(self, observer: P) -> Crawl<P> {
        let Self { engine, clock, observer: _, inbox, now, stopped, ahead, open, journal } = self;
        Crawl { engine, clock, observer, inbox, now, stopped, ahead, open, journal }
    }

    /// Waits for answers only: where nothing is in hand and the engine would let time pass, out of politeness or until
    /// another attempt, crawl time jumps ahead. For transports that ask no one, such as a replay.
    pub fn skip_waits(mut self) -> Self {
        self.ahead = Some(Duration::ZERO);
        self
    }

    /// Calls this with each event, in place of the observer before.
    pub fn on_event<F>(self, on_event: F) -> Crawl<OnEvent<F>>
    where
        F: FnMut(&Engine, &Event) -> ControlFlow<Stop>,
    {
        self.observer(OnEvent(on_event))
    }

    /// Records the crawl from here on, so that it can go on after the end of this process, however that comes about.
    /// If that fails later, the observer [is told](Observer::journal_failed).
    ///
    /// # Errors
    ///
    /// If the state as it is now cannot be written.
    pub fn journal(mut self, journal: Journal) -> Result<Self, JournalError> {
        self.journal = Some(journal.record(&self.engine)?);
        Ok(self)
    }

    /// A way to talk to the crawl while it runs.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.inbox.handle()
    }
}

/// What the loops do with it. All inputs of the engine pass here, at the time `now`, and none is acted upon before the
/// next `step`: they are recorded here, and so are the polls.
impl<O: Observer> Crawl<O> {
    /// Begins a turn: until the next one, it is the time that it is now.
    pub(crate) fn begin_turn(&mut self) {
        self.now = self.time();
        let now = self.now;
        self.record(|journal, engine| journal.turn(engine, now));
    }

    fn time(&self) -> Time {
        self.clock.now() + self.ahead.unwrap_or_default()
    }

    /// Has the engine decide one thing. The observer has been told of an event already.
    pub(crate) fn step(&mut self) -> Output {
        self.read_mail();
        let output = self.engine.poll(self.now);
        self.open += usize::from(matches!(output, Output::Fetch(_)));
        self.record(|journal, _| journal.polled(&output));
        if let Output::Event(event) = &output
            && let ControlFlow::Break(how) = self.observer.event(&self.engine, event)
        {
            self.stop(how);
        }
        output
    }

    /// Answers a fetch, unless the crawl was aborted before: who aborts it for what became of this answer does not want
    /// it to count, and who goes on later asks for it again.
    pub(crate) fn complete(&mut self, ticket: Ticket, outcome: Outcome) {
        self.let_go();
        self.read_mail();
        if self.stopped < Some(Stop::Abort) {
            self.input(Input::Complete(ticket, outcome));
        }
    }

    fn read_mail(&mut self) {
        if self.inbox.has_mail() {
            let commands = self.inbox.take();
            self.obey(commands);
        }
    }

    /// A fetch is no longer in hand.
    pub(crate) fn let_go(&mut self) {
        self.open = self.open.saturating_sub(1);
    }

    pub(crate) fn set_capacity(&mut self, slots: usize) {
        self.input(Input::Capacity(slots));
    }

    /// Ends a turn: how long to wait for input.
    pub(crate) fn end_turn(&mut self, wake: Wake) -> Rest {
        if let ControlFlow::Break(how) = self.observer.waiting(&self.engine, wake)
            && self.stop(how)
        {
            return Rest::None;
        }
        self.record(|journal, _| journal.rest());
        if let (Wake::At(at, _), Some(ahead), 0) = (wake, &mut self.ahead, self.open) {
            *ahead += at.since(self.now);
            return Rest::None;
        }
        let tick = self.observer.tick().map(|tick| self.now + tick.max(Duration::from_millis(1)));
        let sync = self.journal.as_ref().and_then(Recorder::sync_due);
        let tick = tick.into_iter().chain(sync).min();
        match (wake, tick) {
            (Wake::At(at, _), Some(tick)) => Rest::Until(at.min(tick)),
            (Wake::At(at, _), None) => Rest::Until(at),
            (Wake::OnInput(_), Some(tick)) => Rest::Until(tick),
            (Wake::OnInput(_), None) => Rest::UntilInput,
        }
    }

    /// How long it is until then.
    pub(crate) fn until(&self, then: Time) -> Duration {
        then.since(self.time())
    }

    /// Has `waker` woken by the next command. Ask [`Crawl::has_mail`] after this, before going to sleep.
    pub(crate) fn listen(&self, waker: &Waker) {
        self.inbox.listen(waker);
    }

    pub(crate) fn has_mail(&self) -> bool {
        self.inbox.has_mail()
    }

    /// The engine, once it has finished, with the commands that came too late for it on record.
    pub(crate) fn finish(mut self) -> Engine {
        let commands = self.inbox.close();
        self.obey(commands);
        self.record(Recorder::finish);
        self.engine
    }

    fn input(&mut self, input: Input) {
        self.record(|journal, _| journal.input(&input));
        input.apply(&mut self.engine);
    }

    /// Has something recorded, if the crawl is; what fails once is not tried again.
    fn record(&mut self, what: impl FnOnce(&mut Recorder, &Engine) -> Result<(), JournalError>) {
        if let Some(journal) = &mut self.journal
            && let Err(error) = what(journal, &self.engine)
        {
            self.journal = None;
            if let ControlFlow::Break(how) = self.observer.journal_failed(&self.engine, &error) {
                self.stop(how);
            }
        }
    }

    fn obey(&mut self, commands: Vec<Command>) {
        for command in commands {
            match command {
                Command::Add(url) => self.input(Input::Add(url)),
                Command::AddEach(url) => self.input(Input::AddEach(url)),
                Command::Stop(how) => {
                    self.stop(how);
                }
                Command::Snapshot(reply) => reply(self.engine.snapshot()),
            }
        }
    }

    /// Whether that was news: an observer that breaks each time it is called must not keep the loop from waiting.
    fn stop(&mut self, how: Stop) -> bool {
        let news = self.stopped < Some(how);
        if news {
            self.stopped = Some(how);
            self.input(Input::Stop(how));
        }
        news
    }
}

impl<O> fmt::Debug for Crawl<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clock, stopped, .. } = self;
        f.debug_struct("Crawl").field("clock", clock).field("stopped", stopped).finish_non_exhaustive()
    }
}
