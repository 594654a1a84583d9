//! The threads of a pool, and which of them are free.

use crate::pool::Fetcher;
use crawlspace::{Failure, Fetch, FetchId, Local, Outcome, Ticket};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::task::Wake;
use std::thread::{Builder, JoinHandle};

/// What comes in to the thread that owns the engine.
pub(crate) enum Input {
    /// From a worker, which is free again.
    Answer { worker: usize, ticket: Ticket, outcome: Outcome },
    /// Somebody has left a command.
    Knock,
}

/// Wakes the owner's thread from its wait for answers.
pub(crate) struct Knock(Sender<Input>);

impl Knock {
    pub(crate) fn new(inputs: &Sender<Input>) -> Self {
        Self(inputs.clone())
    }
}

impl Wake for Knock {
    fn wake(self: Arc<Self>) {
        // An owner that is gone needs no waking.
        let _ = self.0.send(Input::Knock);
    }
}

/// Each worker has a channel of its own, so that it is known which of them holds which fetch, and none waits for
/// another's lock.
pub(crate) struct Workers<F> {
    fetcher: Arc<F>,
    inputs: Sender<Input>,
    workers: Vec<Worker>,
    /// Taken from the end, so that few threads stay warm.
    idle: Vec<usize>,
    /// Fetches for which no worker is free. Empty but where all are stuck, or a thread could not be started.
    backlog: VecDeque<Fetch>,
    stuck: usize,
    most: usize,
}

struct Worker {
    jobs: Sender<Fetch>,
    thread: JoinHandle<()>,
    state: State,
}

#[derive(PartialEq, Eq)]
enum State {
    Idle,
    Busy(FetchId),
    Stuck,
}

impl<F: Fetcher + 'static> Workers<F> {
    pub(crate) fn new(most: usize, fetcher: F, inputs: Sender<Input>) -> Self {
        let (workers, idle, backlog) = (Vec::new(), Vec::new(), VecDeque::new());
        Self { fetcher: Arc::new(fetcher), inputs, workers, idle, backlog, stuck: 0, most }
    }

    /// How many fetches can be in hand: never none, or a crawl whose workers are all stuck would wait for ever.
    pub(crate) fn capacity(&self) -> usize {
        self.most.saturating_sub(self.stuck).max(1)
    }

    /// Gives a fetch to a free worker, or to the first that is free.
    pub(crate) fn assign(&mut self, fetch: Fetch) {
        self.backlog.push_back(fetch);
        self.dispatch();
    }

    fn dispatch(&mut self) {
        while !self.backlog.is_empty()
            && let Some(index) = self.idle.pop().or_else(|| self.hire())
            && let (Some(worker), Some(fetch)) = (self.workers.get_mut(index), self.backlog.pop_front())
        {
            worker.state = State::Busy(fetch.ticket.id());
            // Only a worker that ends could refuse, and none ends before its channel is dropped.
            let _ = worker.jobs.send(fetch);
        }
    }

    /// Starts a thread, if there may be one more; if the system has none to give, those there are must do.
    fn hire(&mut self) -> Option<usize> {
        if self.workers.len() >= self.most {
            return None;
        }
        let number = self.workers.len();
        let (jobs, received) = mpsc::channel();
        let (fetcher, inputs) = (Arc::clone(&self.fetcher), self.inputs.clone());
        let work = move || work(number, &*fetcher, &received, &inputs);
        let thread = Builder::new().name(format!("crawlspace-{number}")).spawn(work).ok()?;
        self.workers.push(Worker { jobs, thread, state: State::Idle });
        Some(number)
    }

    /// The answer to this fetch is no longer wanted.
    pub(crate) fn give_up(&mut self, id: FetchId) {
        self.backlog.retain(|fetch| fetch.ticket.id() != id);
        for worker in self.workers.iter_mut().filter(|worker| worker.state == State::Busy(id)) {
            worker.state = State::Stuck;
            self.stuck += 1;
        }
    }

    /// A worker has come back; whether it was stuck.
    pub(crate) fn take_back(&mut self, index: usize) -> bool {
        let Some(worker) = self.workers.get_mut(index) else { return false };
        let was_stuck = core::mem::replace(&mut worker.state, State::Idle) == State::Stuck;
        self.stuck -= usize::from(was_stuck);
        self.idle.push(index);
        self.dispatch();
        was_stuck
    }

    /// Lets all go home, and waits for those who have nothing in hand.
    pub(crate) fn end(self) {
        let (idle, _stuck): (Vec<_>, Vec<_>) = self
            .workers
            .into_iter()
            .map(|Worker { thread, state, .. }| (thread, state))
            .partition(|(_, state)| *state == State::Idle);
        for (thread, _) in idle {
            // It cannot have panicked but by dropping what a fetcher panicked with.
            let _ = thread.join();
        }
    }
}

/// A worker's life. A panic costs one fetch.
fn work<F: Fetcher>(number: usize, fetcher: &F, jobs: &Receiver<Fetch>, inputs: &Sender<Input>) {
    for Fetch { ticket, request } in jobs {
        let outcome = catch_unwind(AssertUnwindSafe(|| fetcher.fetch(&request)))
            .unwrap_or(Outcome::Failed(Failure::Local(Local::Panicked)));
        if inputs.send(Input::Answer { worker: number, ticket, outcome }).is_err() {
            return;
        }
    }
}
