//! The loop on plain threads.

use crate::crawl::{Crawl, Rest, TURN};
use crate::observer::Observer;
use crate::workers::{Input, Knock, Workers};
use core::task::Waker;
use crawlspace::{Engine, Outcome, Output, Request};
use std::sync::{Arc, mpsc};

/// Carries out fetches, blocking. Closures do: `|request: &Request| -> Outcome`.
pub trait Fetcher: Send + Sync {
    /// Carries out one fetch and digests the answer, within [`Request::budget`]. A panic fails this fetch only.
    fn fetch(&self, request: &Request) -> Outcome;
}

impl<F: Fn(&Request) -> Outcome + Send + Sync> Fetcher for F {
    fn fetch(&self, request: &Request) -> Outcome {
        self(request)
    }
}

impl<O: Observer> Crawl<O> {
    /// Runs the crawl on this thread and its fetches on at most `threads` (at least one) others, started as needed.
    ///
    /// A blocking call cannot be cut short. A thread still at work on a fetch that the engine has given up (at its
    /// deadline, or by an abort) is *stuck*: until it comes back the capacity is one less, so that there are never
    /// more than `threads` fetches at once and none waits for a thread while its time runs. With all threads stuck,
    /// one fetch at a time waits for the first that comes back, and lapses if none does: the crawl still ends.
    ///
    /// Returns when the engine has finished. Threads have ended by then, and the fetcher is dropped, but for stuck
    /// threads: they end by themselves when their fetch does.
    pub fn run_pool(mut self, threads: usize, fetcher: impl Fetcher + 'static) -> Engine {
        let (sender, inputs) = mpsc::channel();
        let waker = Waker::from(Arc::new(Knock::new(&sender)));
        let mut workers = Workers::new(threads.max(1), fetcher, sender);
        self.set_capacity(workers.capacity());
        loop {
            self.begin_turn();
            self.listen(&waker);
            let mut rest = Rest::None;
            for _ in 0..TURN {
                match self.step() {
                    Output::Event(_) => {}
                    Output::Fetch(fetch) => workers.assign(fetch),
                    Output::Cancel(id) => {
                        workers.give_up(id);
                        self.set_capacity(workers.capacity());
                    }
                    Output::Wait(wake) => {
                        rest = self.end_turn(wake);
                        break;
                    }
                    Output::Finished => {
                        workers.end();
                        return self.finish();
                    }
                }
            }
            let first = match rest {
                Rest::None => None,
                Rest::Until(then) => inputs.recv_timeout(self.until(then)).ok(),
                Rest::UntilInput => inputs.recv().ok(),
            };
            for input in first.into_iter().chain(inputs.try_iter()) {
                if let Input::Answer { worker, ticket, outcome } = input {
                    self.complete(ticket, outcome);
                    if workers.take_back(worker) {
                        self.set_capacity(workers.capacity());
                    }
                }
            }
        }
    }
}
