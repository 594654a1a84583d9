//! The tokens of CSS that matter here (CSS Syntax section 4), from chunks of any size.
//!
//! White space, comments, `<!--` and `-->` are not told of. Of numbers, only that a name behind one is its unit, and
//! no function.

use super::super::position::{Locator, Position};

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name behind `@`, escapes decoded; of a long one, the beginning.
    At(&'a [u8]),
    /// A name and `(`.
    Function(Function),
    Open(Block),
    Close(Block),
    Semicolon,
    /// `url(`, a URL without quotation marks, and `)`.
    Url(&'a str),
    /// What stands between quotation marks.
    Text(&'a str),
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    Round,
    Square,
    Curly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    /// `url(` before quotation marks, or `src(`.
    Url,
    ImageSet,
    Other,
}

impl Function {
    /// The function with this name.
    pub(super) fn of(name: &[u8]) -> Self {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if is("src") || is("url") {
            Self::Url
        } else if is("image-set") || is("-webkit-image-set") {
            Self::ImageSet
        } else {
            Self::Other
        }
    }
}

/// Cuts a text into tokens.
#[derive(Debug)]
pub(super) struct Tokens {
    state: State,
    /// What has come of a name, URL or text.
    value: Vec<u8>,
    /// Whether a name began with an escape, which makes a name of anything.
    is_name: bool,
    place: Place,
    start: Start,
}

/// Where tokens are.
#[derive(Debug)]
enum Place {
    Counted(Locator),
    Known(Position),
}

/// Where the current token began.
#[derive(Clone, Copy, Debug)]
enum Start {
    Offset(usize),
    At(Position),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ground,
    /// Behind `/`.
    Slash,
    Comment,
    CommentStar,
    /// Behind `<` and that many bytes of `!--`.
    Less(usize),
    Name(Kind),
    /// Behind `url(`.
    UrlStart,
    Url,
    /// Behind white space behind a URL.
    UrlEnd,
    BadUrl,
    /// Behind a backslash in what is no URL.
    BadUrlEscape,
    /// Behind this quotation mark.
    Text(u8),
    /// Behind a backslash in one of these.
    Escape(Within),
    /// Behind that many digits of an escape with this value.
    Digits(Within, u8, u32),
    /// Behind a CR that was all of a newline or half of it.
    AfterCr(Within),
}

/// What a name is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    /// Behind `@`.
    At,
    /// Behind `#`, or a number with its unit.
    Inert,
}

/// What an escape is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    Name(Kind),
    Url,
    Text(u8),
}

impl Within {
    const fn state(self) -> State {
        match self {
            Self::Name(kind) => State::Name(kind),
            Self::Url => State::Url,
            Self::Text(quote) => State::Text(quote),
        }
    }
}

/// The longest part of a URL or text that is kept, in bytes: no URL is that long.
const LONGEST: usize = 64 * 1024;

const CDO: &[u8] = b"!--";

type Take<'a> = &'a mut dyn FnMut(Token<'_>, Position);

impl Tokens {
    /// Counts lines and columns.
    pub(super) fn counting(locator: Locator) -> Self {
        Self::new(Place::Counted(locator))
    }

    /// Says that all tokens are here.
    pub(super) fn at(position: Position) -> Self {
        Self::new(Place::Known(position))
    }

    fn new(place: Place) -> Self {
        Self { state: State::Ground, value: Vec::new(), is_name: false, place, start: Start::Offset(0) }
    }

    /// Reads the next chunk, of any size.
    pub(super) fn push(&mut self, chunk: &[u8], take: Take<'_>) {
        if let Place::Counted(locator) = &mut self.place {
            locator.begin(chunk);
        }
        let mut at = 0;
        while at < chunk.len() {
            at = match self.state {
                State::Ground => self.ground(chunk, at, take),
                state => self.inside(state, chunk, at, take),
            };
        }
        if !matches!(self.state, State::Ground | State::Comment | State::CommentStar) {
            self.start = Start::At(self.position(chunk));
        }
        if let Place::Counted(locator) = &mut self.place {
            locator.end(chunk);
        }
    }

    /// The text has ended: names, URLs and texts that are open end too.
    pub(super) fn finish(&mut self, take: Take<'_>) {
        let state = core::mem::replace(&mut self.state, State::Ground);
        match state {
            State::Escape(Within::Url) => self.keep_character(0),
            State::Digits(_, _, value) => self.keep_character(value),
            _ => {}
        }
        match state {
            State::Name(kind) => {
                self.name_ends(kind, b' ', &[], take);
            }
            State::UrlStart
            | State::Url
            | State::UrlEnd
            | State::Escape(Within::Url)
            | State::Digits(Within::Url, ..)
            | State::AfterCr(Within::Url) => {
                self.url_ends(&[], take);
            }
            State::Text(_)
            | State::Escape(Within::Text(_))
            | State::Digits(Within::Text(_), ..)
            | State::AfterCr(Within::Text(_)) => self.text_ends(&[], take),
            _ => {}
        }
    }

    fn position(&mut self, chunk: &[u8]) -> Position {
        match (self.start, &mut self.place) {
            (Start::At(position), _) => position,
            (Start::Offset(_), Place::Known(position)) => *position,
            (Start::Offset(offset), Place::Counted(locator)) => locator.position(chunk, offset),
        }
    }

    fn tell(&mut self, token: Token<'_>, chunk: &[u8], take: Take<'_>) {
        let position = self.position(chunk);
        take(token, position);
    }

    /// Reads tokens as long as they are all there and plain.
    fn ground(&mut self, chunk: &[u8], mut at: usize, take: Take<'_>) -> usize {
        // Tokens that have no place.
        const NOWHERE: Position = Position { line: 0, column: 0 };
        while let Some(&byte) = chunk.get(at) {
            self.start = Start::Offset(at);
            let token = match CLASS[usize::from(byte)] {
                Class::Space => {
                    at += 1;
                    continue;
                }
                Class::Name => {
                    let end = name_end(chunk, at);
                    let next = chunk.get(end).copied();
                    match next {
                        Some(b'(') => {
                            let name = &chunk[at..end];
                            if name.eq_ignore_ascii_case(b"url") {
                                self.value.clear();
                                self.state = State::UrlStart;
                            } else {
                                let function = Function::of(name);
                                self.tell(Token::Function(function), chunk, take);
                            }
                            if self.state != State::Ground {
                                return end + 1;
                            }
                            at = end + 1;
                            continue;
                        }
                        Some(b'\\' | b'>') | None => return self.begin_name(Kind::Plain, at),
                        Some(_) => {
                            at = end;
                            take(Token::Other, NOWHERE);
                            continue;
                        }
                    }
                }
                Class::Digit => return self.begin_name(Kind::Inert, at),
                Class::Open(block) => Token::Open(block),
                Class::Close(block) => Token::Close(block),
                Class::Other => match byte {
                    b'#' => return self.begin_name(Kind::Inert, at + 1),
                    b'@' => return self.begin_name(Kind::At, at + 1),
                    b'\\' => return self.begin_name(Kind::Plain, at),
                    b'"' | b'\'' => {
                        self.value.clear();
                        self.state = State::Text(byte);
                        return at + 1;
                    }
                    b'/' => {
                        self.state = State::Slash;
                        return at + 1;
                    }
                    b'<' => {
                        self.state = State::Less(0);
                        return at + 1;
                    }
                    b';' => Token::Semicolon,
                    _ => Token::Other,
                },
            };
            take(token, NOWHERE);
            at += 1;
        }
        at
    }

    fn begin_name(&mut self, kind: Kind, at: usize) -> usize {
        self.value.clear();
        self.is_name = false;
        self.state = State::Name(kind);
        at
    }

    /// Everything but whole tokens. Gives the offset of the next byte to read, which may be the same one if it is to
    /// be read in another state.
    fn inside(&mut self, state: State, chunk: &[u8], at: usize, take: Take<'_>) -> usize {
        let byte = chunk[at];
        match state {
            State::Ground => return at,
            State::Slash => {
                if byte != b'*' {
                    self.state = State::Ground;
                    self.tell(Token::Other, chunk, take);
                    return at;
                }
                self.state = State::Comment;
            }
            State::Comment => {
                let star = memchr::memchr(b'*', &chunk[at..]);
                let Some(star) = star else { return chunk.len() };
                self.state = State::CommentStar;
                return at + star + 1;
            }
            State::CommentStar => match byte {
                b'/' => self.state = State::Ground,
                b'*' => {}
                _ => self.state = State::Comment,
            },
            State::Less(matched) => return self.less(matched, chunk, at, take),
            State::Name(kind) => return self.name(kind, chunk, at, take),
            State::UrlStart => {
                if is_space(byte) {
                    return at + 1;
                }
                if !matches!(byte, b'"' | b'\'') {
                    self.state = State::Url;
                    return at;
                }
                self.tell(Token::Function(Function::Url), chunk, take);
                self.start = Start::Offset(at);
                self.state = State::Text(byte);
            }
            State::Url => return self.url(chunk, at, take),
            State::UrlEnd => match byte {
                b')' => return self.url_ended(chunk, at, take),
                _ if is_space(byte) => {}
                _ => {
                    self.state = State::BadUrl;
                    return at;
                }
            },
            State::BadUrl => match byte {
                b')' => {
                    self.state = State::Ground;
                    self.tell(Token::Other, chunk, take);
                }
                b'\\' => self.state = State::BadUrlEscape,
                _ => {}
            },
            State::BadUrlEscape => self.state = State::BadUrl,
            State::Text(quote) => return self.text(quote, chunk, at, take),
            State::Escape(within) => return self.escape(within, chunk, at, take),
            State::Digits(within, count, value) => {
                let digit = char::from(byte).to_digit(16).filter(|_| count < 6);
                if let Some(digit) = digit {
                    self.state = State::Digits(within, count + 1, value << 4 | digit);
                    return at + 1;
                }
                self.keep_character(value);
                self.state = if byte == b'\r' { State::AfterCr(within) } else { within.state() };
                return at + usize::from(is_space(byte));
            }
            State::AfterCr(within) => {
                self.state = within.state();
                return at + usize::from(byte == b'\n');
            }
        }
        at + 1
    }

    fn less(&mut self, matched: usize, chunk: &[u8], at: usize, take: Take<'_>) -> usize {
        if CDO.get(matched) == Some(&chunk[at]) {
            self.state = if matched + 1 < CDO.len() { State::Less(matched + 1) } else { State::Ground };
            return at + 1;
        }
        self.tell(Token::Other, chunk, take);
        if matched == 2 {
            // The dash is a name's, perhaps.
            self.begin_name(Kind::Plain, at);
            self.value.push(b'-');
        } else {
            self.state = State::Ground;
        }
        at
    }

    fn name(&mut self, kind: Kind, chunk: &[u8], at: usize, take: Take<'_>) -> usize {
        let end = name_end(chunk, at);
        self.keep(&chunk[at..end]);
        match chunk.get(end) {
            None => end,
            Some(b'\\') => {
                self.state = State::Escape(Within::Name(kind));
                end + 1
            }
            Some(&next) => end + self.name_ends(kind, next, chunk, take),
        }
    }

    /// A name has ended before this byte; gives whether the byte is part of its token.
    fn name_ends(&mut self, kind: Kind, next: u8, chunk: &[u8], take: Take<'_>) -> usize {
        self.state = State::Ground;
        let name = core::mem::take(&mut self.value);
        let token = match kind {
            Kind::At if self.is_name || is_name(&name) => Token::At(&name),
            Kind::Plain if next == b'(' && name.eq_ignore_ascii_case(b"url") => {
                self.value = name;
                self.value.clear();
                self.state = State::UrlStart;
                return 1;
            }
            Kind::Plain if next == b'(' => Token::Function(Function::of(&name)),
            // The end of a comment of old.
            Kind::Plain if next == b'>' && name == b"--" && !self.is_name => {
                self.value = name;
                return 1;
            }
            Kind::At | Kind::Plain | Kind::Inert => Token::Other,
        };
        let taken = usize::from(matches!(token, Token::Function(_)));
        self.tell(token, chunk, take);
        self.value = name;
        taken
    }

    fn url(&mut self, chunk: &[u8], at: usize, take: Take<'_>) -> usize {
        let rest = &chunk[at..];
        let plain = rest.iter().position(|byte| !IN_URL[usize::from(*byte)]).unwrap_or(rest.len());
        self.keep(&rest[..plain]);
        let at = at + plain;
        let Some(&byte) = chunk.get(at) else { return at };
        match byte {
            b')' => return self.url_ended(chunk, at, take),
            b'\\' => self.state = State::Escape(Within::Url),
            0 => self.keep_character(0),
            _ if is_space(byte) => self.state = State::UrlEnd,
            _ => {
                self.state = State::BadUrl;
                return at;
            }
        }
        at + 1
    }

    fn url_ended(&mut self, chunk: &[u8], at: usize, take: Take<'_>) -> usize {
        self.state = State::Ground;
        self.url_ends(chunk, take);
        at + 1
    }

    fn url_ends(&mut self, chunk: &[u8], take: Take<'_>) {
        let value = core::mem::take(&mut self.value);
        self.tell(Token::Url(&String::from_utf8_lossy(&value)), chunk, take);
        self.value = value;
    }

    fn text(&mut self, quote: u8, chunk: &[u8], at: usize, take: Take<'_>) -> usize {
        let rest = &chunk[at..];
        let ends = |byte: &u8| matches!(byte, b'"' | b'\'' | b'\\' | b'\n' | b'\r' | b'\x0c' | 0);
        let plain = rest.iter().position(ends).unwrap_or(rest.len());
        self.keep(&rest[..plain]);
        let at = at + plain;
        let Some(&byte) = chunk.get(at) else { return at };
        match byte {
            b'\\' => self.state = State::Escape(Within::Text(quote)),
            0 => self.keep_character(0),
            b'"' | b'\'' if byte != quote => self.keep(&[byte]),
            b'"' | b'\'' => {
                self.state = State::Ground;
                self.text_ends(chunk, take);
            }
            // A text ends with its line, and is none.
            _ => {
                self.state = State::Ground;
                self.tell(Token::Other, chunk, take);
            }
        }
        at + 1
    }

    fn text_ends(&mut self, chunk: &[u8], take: Take<'_>) {
        let value = core::mem::take(&mut self.value);
        self.tell(Token::Text(&String::from_utf8_lossy(&value)), chunk, take);
        self.value = value;
    }

    /// What follows a backslash (section 4.3.7).
    fn escape(&mut self, within: Within, chunk: &[u8], at: usize, take: Take<'_>) -> usize {
        let byte = chunk[at];
        let is_newline = matches!(byte, b'\n' | b'\r' | b'\x0c');
        match within {
            // A newline is not escaped but in a text, where it is no part of it.
            Within::Text(quote) if is_newline => {
                self.state = if byte == b'\r' { State::AfterCr(within) } else { State::Text(quote) };
                return at + 1;
            }
            Within::Url if is_newline => self.state = State::BadUrl,
            Within::Name(kind) if is_newline => {
                let is_there = kind != Kind::Plain || !self.value.is_empty();
                if is_there {
                    self.name_ends(kind, b'\\', chunk, take);
                }
                self.state = State::Ground;
                self.tell(Token::Other, chunk, take);
            }
            _ => {
                self.is_name |= self.value.is_empty() || self.value == b"-";
                if let Some(digit) = char::from(byte).to_digit(16) {
                    self.state = State::Digits(within, 1, digit);
                    return at + 1;
                }
                if byte == 0 {
                    self.keep_character(0);
                } else {
                    self.keep(&[byte]);
                }
                self.state = within.state();
            }
        }
        at + 1
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = LONGEST.saturating_sub(self.value.len());
        self.value.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn keep_character(&mut self, value: u32) {
        let character = char::from_u32(value).filter(|character| *character != '\0').unwrap_or('\u{fffd}');
        self.keep(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// Whether a name that has no escapes is one, and not a number or a dash (section 4.3.9).
fn is_name(name: &[u8]) -> bool {
    match name {
        [] | [b'-'] => false,
        [b'-', next, ..] | [next, ..] => !next.is_ascii_digit(),
    }
}

fn name_end(chunk: &[u8], mut at: usize) -> usize {
    while chunk.get(at).is_some_and(|byte| matches!(CLASS[usize::from(*byte)], Class::Name | Class::Digit)) {
        at += 1;
    }
    at
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

/// What a byte may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Space,
    /// A name, or more of one. NUL is replaced by a character that is part of names.
    Name,
    Digit,
    Open(Block),
    Close(Block),
    Other,
}

const CLASS: [Class; 256] = {
    let mut table = [Class::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' => Class::Space,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'-' | 0 | 0x80.. => Class::Name,
            b'0'..=b'9' => Class::Digit,
            b'(' => Class::Open(Block::Round),
            b'[' => Class::Open(Block::Square),
            b'{' => Class::Open(Block::Curly),
            b')' => Class::Close(Block::Round),
            b']' => Class::Close(Block::Square),
            b'}' => Class::Close(Block::Curly),
            _ => Class::Other,
        };
        byte += 1;
    }
    table
};

/// The bytes that stand for themselves in a URL without quotation marks (section 4.3.6).
const IN_URL: [bool; 256] = {
    let mut table = [true; 256];
    let mut byte = 0;
    while byte < 256 {
        let c = byte as u8;
        table[byte] = !(c <= b' ' || c == 0x7f || matches!(c, b'"' | b'\'' | b'(' | b')' | b'\\'));
        byte += 1;
    }
    table
};
