//! The async loop, on any runtime.

use crate::crawl::{Crawl, Rest, TURN};
use crate::observer::Observer;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use crawlspace::{Engine, Failure, Fetch, Local, Outcome, Output, Request, Ticket};
use futures::FutureExt;
use futures::future::{AbortHandle, Abortable, Aborted};
use futures::stream::{FuturesUnordered, StreamExt};
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;

/// Carries out fetches, async. Closures do: `|request: Request| async move { … }`.
///
/// The futures are polled by the loop itself; a transport that wants them on other threads spawns inside.
pub trait Transport: Send + Sync {
    /// Carries out one fetch and digests the answer, within [`Request::budget`]. Dropped when the answer is no longer
    /// wanted. A panic fails this fetch only.
    fn fetch(&self, request: Request) -> impl Future<Output = Outcome> + Send;
}

impl<F, A> Transport for F
where
    F: Fn(Request) -> A + Send + Sync,
    A: Future<Output = Outcome> + Send,
{
    fn fetch(&self, request: Request) -> impl Future<Output = Outcome> + Send {
        self(request)
    }
}

/// The runtime's timer. Closures do, and so does `tokio::time::sleep` itself.
pub trait Timer: Send + Sync {
    /// Ends once this long has passed.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

impl<F, A> Timer for F
where
    F: Fn(Duration) -> A + Send + Sync,
    A: Future<Output = ()> + Send,
{
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        self(duration)
    }
}

impl<O: Observer> Crawl<O> {
    /// Runs the crawl within this one future, with at most `slots` (at least one) fetches at once.
    ///
    /// The future gives way to other tasks after a bounded number of steps. Dropping it drops all fetches, and the
    /// engine with them: who wants to go on later asks a [`Handle`](crate::Handle) for a snapshot before.
    pub async fn run_async(mut self, transport: impl Transport, timer: impl Timer, slots: usize) -> Engine {
        let (transport, timer) = (&transport, &timer);
        let mut fetches = FuturesUnordered::new();
        let mut aborts = BTreeMap::new();
        let mut sleep = pin!(None);
        let mut alarm = None;
        let mut spent = 0;
        self.set_capacity(slots.max(1));
        loop {
            self.begin_turn();
            let mut rest = Rest::None;
            for _ in 0..TURN {
                spent += 1;
                match self.step() {
                    Output::Event(_) => {}
                    Output::Fetch(fetch) => {
                        let (abort, registration) = AbortHandle::new_pair();
                        aborts.insert(fetch.ticket.id(), abort);
                        fetches.push(Abortable::new(carry_out(transport, fetch), registration));
                    }
                    Output::Cancel(id) => {
                        aborts.remove(&id).iter().for_each(AbortHandle::abort);
                    }
                    Output::Wait(wake) => {
                        rest = self.end_turn(wake);
                        break;
                    }
                    Output::Finished => return self.finish(),
                }
            }
            // An alarm that rings too early costs one turn; to set it anew each turn would cost more.
            if let Rest::Until(then) = rest
                && alarm.is_none_or(|alarm| then < alarm)
            {
                sleep.set(Some(timer.sleep(self.until(then))));
                alarm = Some(then);
            }
            poll_fn(|cx| {
                if spent >= TURN {
                    spent = 0;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                self.listen(cx.waker());
                let mut news = rest == Rest::None || self.has_mail();
                while let Poll::Ready(Some(answer)) = fetches.poll_next_unpin(cx) {
                    (spent, news) = (spent + 1, true);
                    match answer {
                        Ok((ticket, outcome)) => {
                            aborts.remove(&Ticket::id(&ticket));
                            self.complete(ticket, outcome);
                        }
                        Err(Aborted) => self.let_go(),
                    }
                }
                if sleep.as_mut().as_pin_mut().is_some_and(|sleep| sleep.poll(cx).is_ready()) {
                    sleep.set(None);
                    (alarm, news) = (None, true);
                }
                if news { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
    }
}

/// The answer, or that there was a panic, in the call or in the future.
async fn carry_out(transport: &impl Transport, Fetch { ticket, request }: Fetch) -> (Ticket, Outcome) {
    let fetch = async { transport.fetch(request).await };
    let outcome = AssertUnwindSafe(fetch).catch_unwind().await;
    (ticket, outcome.unwrap_or(Outcome::Failed(Failure::Local(Local::Panicked))))
}
