//! Progress on standard error: a bar on a terminal, a plain line every few seconds otherwise.

use crate::format::Inert;
use crawlspace::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Time between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// Time between two looks of the bar.
const BAR_EVERY: Duration = Duration::from_millis(100);

/// Shows how far a check is.
#[derive(Debug)]
pub struct Display {
    kind: Kind,
    next: Instant,
}

#[derive(Debug)]
enum Kind {
    Bar(ProgressBar),
    Lines,
    None,
}

impl Display {
    /// A display on standard error, as fits it; none if `quiet`.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        let now = Instant::now();
        if quiet {
            return Self { kind: Kind::None, next: now };
        }
        if io::stderr().is_terminal() {
            return Self { kind: Kind::Bar(bar()), next: now + BAR_EVERY };
        }
        Self { kind: Kind::Lines, next: now + LINE_EVERY }
    }

    /// How often it wants to be updated.
    #[must_use]
    pub fn every(&self) -> Option<Duration> {
        match self.kind {
            Kind::None => None,
            Kind::Bar(_) => Some(BAR_EVERY),
            Kind::Lines => Some(LINE_EVERY),
        }
    }

    /// Shows the state, if it is time to.
    pub fn update(&mut self, state: impl FnOnce() -> Progress) {
        let Some(every) = self.every() else { return };
        let now = Instant::now();
        if now < self.next {
            return;
        }
        self.next = now + every;
        let state = state();
        match &self.kind {
            Kind::Bar(bar) => {
                bar.update(|bar| {
                    bar.set_len(state.admitted);
                    bar.set_pos(state.terminal);
                });
                bar.set_message(in_words(&state));
            }
            Kind::Lines => say(&in_words(&state)),
            Kind::None => {}
        }
    }

    /// Takes the bar away, so that the report stands alone.
    pub fn finish(self) {
        if let Kind::Bar(bar) = self.kind {
            bar.finish_and_clear();
        }
    }
}

/// Writes lines to standard error, marked as this program's. They may quote files and folders of strangers. That they
/// cannot be written is nothing to stop for.
pub fn say(lines: &str) {
    let lines: Vec<_> = lines.split('\n').map(|line| Inert(line).to_string()).collect();
    let _ = writeln!(io::stderr(), "crawlspace: {}", lines.join("\n"));
}

fn in_words(state: &Progress) -> String {
    let Progress { terminal, admitted, not_ok, in_flight, waiting, .. } = state;
    let waiting = if *waiting > 0 { format!(", {waiting} to be tried again") } else { String::new() };
    format!("{terminal} of {admitted} URLs checked, {not_ok} failing, {in_flight} in flight{waiting}")
}

fn bar() -> ProgressBar {
    // Refreshed by hand: a thread of its own would draw over the report. What does not fit on the line is cut off, and
    // all numbers are in the message, since each part is drawn as it is set.
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10));
    let style = ProgressStyle::with_template("{bar:20} {elapsed:>4}  {wide_msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style)
}
