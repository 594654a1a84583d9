//! The threads that ask, and what they found out.

use super::{Answer, Asked, ResolverConfig, found};
use crawlspace::{Dns, Failure, Local};
use futures_channel::oneshot;
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

/// Threads that look names up, and a cache. Dropping it lets the threads go as they come free.
pub(super) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    config: ResolverConfig,
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    names: BTreeMap<String, Name>,
    queue: VecDeque<String>,
    threads: usize,
    idle: usize,
    closed: bool,
}

enum Name {
    /// Queued, or being looked up: who waits for it.
    Open(Vec<oneshot::Sender<Answer>>),
    Known {
        answer: Answer,
        until: Instant,
    },
}

impl Pool {
    pub(super) fn new(mut config: ResolverConfig) -> Self {
        config.threads = config.threads.max(1);
        Self { shared: Arc::new(Shared { config, state: Mutex::default(), work: Condvar::new() }) }
    }

    /// What is known of the name, or a place in the line of those who wait for it.
    pub(super) fn ask(&self, name: String) -> Asked {
        let mut state = self.shared.lock();
        let (sender, receiver) = oneshot::channel();
        match state.names.get_mut(&name) {
            Some(Name::Known { answer, until }) if Instant::now() < *until => {
                return Asked::Known(answer.clone());
            }
            Some(Name::Open(waiting)) => {
                // Those who gave up must not pile up behind a name that takes long.
                waiting.retain(|sender| !sender.is_canceled());
                waiting.push(sender);
                return Asked::Pending(receiver);
            }
            Some(Name::Known { .. }) | None => {}
        }
        if state.idle <= state.queue.len() && state.threads < self.shared.config.threads {
            let shared = Arc::clone(&self.shared);
            let started =
                thread::Builder::new().name("crawlspace-dns".to_owned()).spawn(move || shared.serve());
            match started {
                Ok(_) => state.threads += 1,
                Err(_) if state.threads == 0 => return Asked::Known(Err(Failure::Local(Local::Resources))),
                // Fewer threads than allowed: slower, but it works.
                Err(_) => {}
            }
        }
        state.names.insert(name.clone(), Name::Open(vec![sender]));
        state.queue.push_back(name);
        drop(state);
        self.shared.work.notify_one();
        Asked::Pending(receiver)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.work.notify_all();
    }
}

impl Shared {
    /// One thread's life.
    fn serve(&self) {
        let mut state = self.lock();
        loop {
            if state.closed {
                return;
            }
            let Some(name) = state.next_question() else {
                state.idle += 1;
                state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
                continue;
            };
            drop(state);
            let answer = self.look_up(&name);
            state = self.lock();
            self.settle(&mut state, name, answer);
        }
    }

    fn look_up(&self, name: &str) -> Answer {
        // The lookup may be anyone's; a panic in it must cost one answer, not a thread and those who wait.
        catch_unwind(AssertUnwindSafe(|| self.config.lookup.lookup(name)))
            .unwrap_or(Err(Failure::Local(Local::Panicked)))
            .and_then(|addresses| found(addresses.into()))
    }

    /// Remembers an answer, and gives it to those who wait.
    fn settle(&self, state: &mut State, name: String, answer: Answer) {
        let now = Instant::now();
        let ttl = match &answer {
            Ok(_) => self.config.positive_ttl,
            Err(Failure::Dns(Dns::NoSuchName)) => self.config.negative_ttl,
            Err(_) => self.config.failure_ttl,
        };
        if let Some(Name::Open(waiting)) = state.names.remove(&name) {
            for sender in waiting {
                // Who has given up by now does not mind.
                let _ = sender.send(answer.clone());
            }
        }
        if let Some(until) = now.checked_add(ttl).filter(|until| *until > now) {
            state.make_room(self.config.cache_names, now);
            if state.names.len() < self.config.cache_names {
                state.names.insert(name, Name::Known { answer, until });
            }
        }
    }

    /// The state is consistent at every moment where a panic could come, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The next name to look up. One that nobody waits for any more makes way for others; alone, it is looked up
    /// all the same, since who gave it up is likely to ask again.
    fn next_question(&mut self) -> Option<String> {
        while let Some(name) = self.queue.pop_front() {
            let is_wanted = || match self.names.get(&name) {
                Some(Name::Open(waiting)) => waiting.iter().any(|sender| !sender.is_canceled()),
                Some(Name::Known { .. }) | None => false,
            };
            if self.queue.is_empty() || is_wanted() {
                return Some(name);
            }
            self.names.remove(&name);
        }
        None
    }

    /// Forgets what is out of date, and if that is not enough, what would be so next.
    fn make_room(&mut self, names: usize, now: Instant) {
        if self.names.len() < names {
            return;
        }
        self.names.retain(|_, name| !matches!(name, Name::Known { until, .. } if *until <= now));
        if self.names.len() < names {
            return;
        }
        let mut known: Vec<_> = self
            .names
            .iter()
            .filter_map(|(host, name)| match name {
                Name::Known { until, .. } => Some((*until, host.clone())),
                Name::Open(_) => None,
            })
            .collect();
        known.sort_unstable();
        // An eighth at a time, so that a full cache is not searched for every name.
        for (_, host) in known.into_iter().take(names / 8 + 1) {
            self.names.remove(&host);
        }
    }
}
