//! What a run did, step by step: as a number to compare, and as text to read.

use crate::draws::{hash, mix};
use core::fmt;
use crawlspace::Time;

/// The steps of a run.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    hash: u64,
    steps: u64,
    lines: Option<Vec<String>>,
}

impl Trace {
    pub(crate) fn new(with_lines: bool) -> Self {
        Self { lines: with_lines.then(Vec::new), ..Self::default() }
    }

    /// A number that stands for every output of the engine and every answer to it, with their times. Two runs of the
    /// same seed have the same; if they do not, something in the engine depends on more than its inputs.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }

    /// How many steps there were.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The steps in words, if [they were kept](crate::Simulation::keep_trace).
    #[must_use]
    pub fn lines(&self) -> &[String] {
        self.lines.as_deref().unwrap_or_default()
    }

    /// Takes a step down: what it was, two numbers, and a text.
    pub(crate) fn note(&mut self, at: Time, what: What, number: u64, text: &str) {
        self.steps += 1;
        let step = (what as u64) << 56 ^ number.rotate_left(20) ^ at.as_micros();
        self.hash = mix(self.hash ^ step);
        if !text.is_empty() {
            self.hash ^= hash(text);
        }
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{at} {what:?} {number} {text}"));
        }
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines().iter().try_for_each(|line| writeln!(f, "{line}"))?;
        write!(f, "{} steps, {:016x}", self.steps, self.hash)
    }
}

/// What a step was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Event,
    Fetch,
    Cancel,
    Wait,
    Answer,
    Clock,
    Capacity,
    Crash,
    Finished,
}
