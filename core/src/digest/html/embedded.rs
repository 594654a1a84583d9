//! What is written in another language inside of an element: style sheets and JSON-LD.

use super::super::css::{Css, CssUrl};
use super::super::place::Place;
use super::super::position::Position;
use super::collect::{Found, Keep};
use super::decode;
use super::json_ld::JsonLd;
use super::tag::Text;

/// The style sheet or script that is open, if there is one.
#[derive(Debug, Default)]
pub(super) struct Embedded {
    state: State,
    /// What has come since the last markup and may end in half a reference.
    piece: Vec<u8>,
    /// Whether an ampersand in the piece is one.
    literal: bool,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Closed,
    /// A `style` element began here; how its text comes is not known yet.
    Open(Position),
    /// A script of JSON-LD began.
    OpenJson,
    /// Its text is not markup, as in HTML.
    Raw(Box<Css>),
    /// Its text is markup, as in SVG and XML, so that places in it are not known.
    Markup(Box<Css>),
    Json(Box<JsonLd>),
}

/// The most that is kept of one piece of text.
const PIECE: usize = 1024 * 1024;

impl Embedded {
    pub(super) fn open_sheet(&mut self, place: Position) {
        self.state = State::Open(place);
    }

    pub(super) fn open_json(&mut self) {
        self.state = State::OpenJson;
    }

    /// Its text is not markup, and begins here.
    pub(super) fn begin(&mut self, start: Position) {
        self.state = match self.state {
            State::OpenJson => State::Json(Box::new(JsonLd::new(start))),
            _ => State::Raw(Box::new(Css::sheet(start))),
        };
    }

    #[inline]
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.state, State::Closed)
    }

    /// Whether text that is not markup is its own.
    #[inline]
    pub(super) fn is_raw(&self) -> bool {
        matches!(self.state, State::Open(_) | State::Raw(_) | State::OpenJson | State::Json(_))
    }

    /// Whether text between tags is its own.
    #[inline]
    pub(super) fn is_markup(&self) -> bool {
        matches!(self.state, State::Markup(_))
    }

    /// The element's tag has been read as one whose text is markup.
    #[inline]
    pub(super) fn take_markup(&mut self) {
        match self.state {
            State::Open(place) => self.state = State::Markup(Box::new(Css::sheet_at(place))),
            // Not looked for where scripts are markup.
            State::OpenJson => self.state = State::Closed,
            _ => {}
        }
    }

    /// A piece of its text, which is not markup.
    pub(super) fn read(&mut self, text: &[u8], keep: &mut impl Keep) {
        match &mut self.state {
            State::Raw(css) => css.push(text, &mut |url| tell(url, keep)),
            State::Json(json) => json.push(text, &mut |url, at| tell_at(Place::JSON_LD, url, at, keep)),
            _ => {}
        }
    }

    /// A piece of its text between two tags.
    pub(super) fn text(&mut self, text: Text<'_>) {
        let (bytes, literal) = match text {
            Text::Raw(bytes) => (bytes, false),
            Text::Literal(bytes) => (bytes, true),
            Text::Decoded(text) => (text.as_bytes(), true),
        };
        self.literal = literal;
        let room = PIECE.saturating_sub(self.piece.len());
        self.piece.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// Markup has come: what is open of a reference stays open.
    pub(super) fn interrupt(&mut self, keep: &mut impl Keep) {
        let mut piece = core::mem::take(&mut self.piece);
        if let State::Markup(css) = &mut self.state
            && !piece.is_empty()
        {
            let text = if self.literal { decode::lossy(&piece) } else { decode::text(&piece) };
            css.push(text.as_bytes(), &mut |url| tell(url, keep));
        }
        piece.clear();
        self.piece = piece;
    }

    /// The element has ended.
    pub(super) fn close(&mut self, keep: &mut impl Keep) {
        self.interrupt(keep);
        if let State::Raw(mut css) | State::Markup(mut css) = core::mem::take(&mut self.state) {
            css.finish(&mut |url| tell(url, keep));
        }
    }
}

fn tell(found: CssUrl<'_>, keep: &mut impl Keep) {
    let place = if found.is_import { Place::STYLE_IMPORT } else { Place::STYLE_ELEMENT };
    tell_at(place, found.url, found.at, keep);
}

fn tell_at(place: Place, url: &str, at: Position, keep: &mut impl Keep) {
    let Position { line, column } = at;
    keep.link(&Found { place, url, rel: None, text: "", labelled: false, line, column });
}
