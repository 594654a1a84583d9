//! Who watches a crawl.

use crate::journal::JournalError;
use core::ops::ControlFlow;
use core::time::Duration;
use crawlspace::{Engine, Event, Stop, Wake};

/// Watches a crawl from the thread or task that runs the loop, and may stop it by breaking with a [`Stop`].
///
/// It holds up the loop while it is called. Asking for a stop again changes nothing, unless an abort follows a drain.
pub trait Observer {
    /// Something has happened.
    fn event(&mut self, _engine: &Engine, _event: &Event) -> ControlFlow<Stop> {
        ControlFlow::Continue(())
    }

    /// All that could be done has been done: the loop is about to look for answers, and to wait if there are none.
    /// Called once a turn, which may be many thousand times a second, and at least once each [`Observer::tick`]. A
    /// display that wants it more rarely can tell time by [`Engine::now`].
    fn waiting(&mut self, _engine: &Engine, _wake: Wake) -> ControlFlow<Stop> {
        ControlFlow::Continue(())
    }

    /// The crawl's [journal](crate::Crawl::journal) cannot be written any more. What it holds stays as it is, and a
    /// later run can go on from there; so the crawl is aborted, unless this says otherwise.
    fn journal_failed(&mut self, _engine: &Engine, _error: &JournalError) -> ControlFlow<Stop> {
        ControlFlow::Break(Stop::Abort)
    }

    /// How long the loop may wait at most before it calls [`Observer::waiting`] again; taken for at least a
    /// millisecond. `None`: as long as there is nothing to do.
    fn tick(&self) -> Option<Duration> {
        None
    }
}

impl<O: Observer + ?Sized> Observer for &mut O {
    fn event(&mut self, engine: &Engine, event: &Event) -> ControlFlow<Stop> {
        (**self).event(engine, event)
    }

    fn waiting(&mut self, engine: &Engine, wake: Wake) -> ControlFlow<Stop> {
        (**self).waiting(engine, wake)
    }

    fn journal_failed(&mut self, engine: &Engine, error: &JournalError) -> ControlFlow<Stop> {
        (**self).journal_failed(engine, error)
    }

    fn tick(&self) -> Option<Duration> {
        (**self).tick()
    }
}

/// Watches nothing: the observer of a new [`Crawl`](crate::Crawl).
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {}

/// A closure called with each event: made by [`Crawl::on_event`](crate::Crawl::on_event).
#[derive(Clone, Copy, Debug)]
pub struct OnEvent<F>(pub(crate) F);

impl<F: FnMut(&Engine, &Event) -> ControlFlow<Stop>> Observer for OnEvent<F> {
    fn event(&mut self, engine: &Engine, event: &Event) -> ControlFlow<Stop> {
        (self.0)(engine, event)
    }
}
