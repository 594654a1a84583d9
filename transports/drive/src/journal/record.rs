//! What is recorded: all that goes into an engine, and when it is polled.

use crawlspace::codec::{Answers, Corrupt, Decode, Encode};
use crawlspace::{Engine, Outcome, Stop, Ticket, Time};
use url::Url;

/// One input of an engine.
pub(crate) enum Input {
    Add(Url),
    AddEach(Url),
    Complete(Ticket, Outcome),
    Capacity(usize),
    Stop(Stop),
}

impl Input {
    pub(crate) fn apply(self, engine: &mut Engine) {
        match self {
            Self::Add(url) => engine.add(url),
            Self::AddEach(url) => engine.add_each(url),
            Self::Complete(ticket, outcome) => engine.complete(ticket, outcome),
            Self::Capacity(slots) => engine.set_capacity(slots),
            Self::Stop(how) => engine.stop(how),
        }
    }
}

/// One thing that happened.
pub(crate) enum Record {
    /// A turn began: until the next, this is the time of each poll.
    Turn(Time),
    /// The engine was polled so often.
    Polled(u64),
    Input(Input),
}

impl Input {
    /// Appends it to what is recorded; answers refer to those before them.
    pub(crate) fn encode(&self, answers: &mut Answers, out: &mut Vec<u8>) {
        match self {
            Self::Add(url) => {
                out.push(2);
                url.encode(out);
            }
            Self::AddEach(url) => {
                out.push(3);
                url.encode(out);
            }
            Self::Complete(ticket, outcome) => {
                out.push(4);
                answers.encode(ticket, outcome, out);
            }
            Self::Capacity(slots) => {
                out.push(5);
                slots.encode(out);
            }
            Self::Stop(how) => {
                out.push(6);
                how.encode(out);
            }
        }
    }
}

impl Record {
    pub(crate) fn encode(&self, answers: &mut Answers, out: &mut Vec<u8>) {
        match self {
            Self::Turn(now) => {
                out.push(0);
                now.encode(out);
            }
            Self::Polled(times) => {
                out.push(1);
                times.encode(out);
            }
            Self::Input(input) => input.encode(answers, out),
        }
    }

    pub(crate) fn decode(answers: &mut Answers, input: &mut &[u8]) -> Result<Self, Corrupt> {
        Ok(match u8::decode(input)? {
            0 => Self::Turn(Decode::decode(input)?),
            1 => Self::Polled(Decode::decode(input)?),
            2 => Self::Input(Input::Add(Decode::decode(input)?)),
            3 => Self::Input(Input::AddEach(Decode::decode(input)?)),
            4 => {
                let (ticket, outcome) = answers.decode(input)?;
                Self::Input(Input::Complete(ticket, outcome))
            }
            5 => Self::Input(Input::Capacity(Decode::decode(input)?)),
            6 => Self::Input(Input::Stop(Decode::decode(input)?)),
            _ => return Err(Corrupt),
        })
    }
}
