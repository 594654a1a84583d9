//! From tags to links and fragment targets.

use super::super::css::{Css, CssUrl};
use super::super::place::Place;
use super::super::position::Position;
use super::super::prose::Prose;
use super::super::{refresh, srcset};
use super::embedded::Embedded;
use super::frames::Frames;
use super::label::{Label, folded};
use super::names::{Attribute, Element};
use super::rows::{Form, Row, STYLE, html_attributes, in_order, is_in_order, svg_attributes};
use super::scopes::{Namespace, Scopes};
use super::tag::{At, Content, Sink, Tag, Text};

/// Keeps what a document is found to hold, in document order.
pub(in super::super) trait Keep {
    /// A value that names a place in the document, never empty.
    fn id(&mut self, id: &str);
    /// Whether the lines of elements with an id are of use.
    fn wants_spots(&self) -> bool {
        false
    }
    /// The value that was told last is an element's id, and the element begins in this line.
    fn spot(&mut self, _id: &str, _line: u32) {}
    /// A URL of the document.
    fn link(&mut self, found: &Found<'_>);
    /// The text of the last link that was announced to have one.
    fn label(&mut self, text: &str);
    /// The `href` of the first `base` element that has one.
    fn base(&mut self, href: &str, line: u32, column: u32);
    /// A declarative refresh.
    fn refresh(&mut self, refresh: &refresh::Refresh<'_>);
    /// The content of a `meta` element, `name` in lower case, that may speak to robots.
    fn robots(&mut self, name: &str, content: &str);
    /// Whether links are of use at all; fragment targets always are.
    fn wants_links(&self) -> bool;
    /// Whether links at this place are of use.
    fn wants(&self, place: Place) -> bool;
    /// Whether the document's text is of use.
    fn wants_prose(&self) -> bool {
        false
    }
    /// The document's text, once it has ended.
    fn prose(&mut self, _prose: Prose) {}
    /// How much is kept so far.
    fn mark(&self) -> Mark;
    /// Forgets what was kept since: it is no part of the document after all.
    fn forget(&mut self, since: Mark);
}

/// How many links and fragment targets there were at some time.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Mark {
    pub(in super::super) links: usize,
    pub(in super::super) ids: usize,
    pub(in super::super) spots: usize,
}

/// A URL in a document.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Found<'a> {
    pub(in super::super) place: Place,
    /// As written, references decoded.
    pub(in super::super) url: &'a str,
    pub(in super::super) rel: Option<&'a str>,
    pub(in super::super) text: &'a str,
    /// Whether its text is to come, by [`Keep::label`].
    pub(in super::super) labelled: bool,
    pub(in super::super) line: u32,
    pub(in super::super) column: u32,
}

/// Knows what tags mean, and tells a [`Keep`].
#[derive(Debug)]
pub(super) struct Collector<K> {
    pub(super) keep: K,
    scopes: Scopes,
    frames: Frames,
    /// Whether a form is open, in which there can be no other (HTML section 13.2.6.4.7).
    in_form: bool,
    label: Label,
    text_chars: u32,
    has_base: bool,
    /// What there was when the body began, as long as frames may take its place.
    body: Option<Mark>,
    embedded: Embedded,
    /// Whether links are left out, by a comment that says so.
    ignores: bool,
}

impl<K: Keep> Collector<K> {
    /// `text_chars` is how many characters of a link's text are kept.
    pub(super) fn new(keep: K, text_chars: u32, is_xml: bool) -> Self {
        Self {
            keep,
            scopes: Scopes::default(),
            // XML has no such rules.
            frames: if is_xml { Frames::Never } else { Frames::Possible },
            in_form: false,
            label: Label::new(text_chars),
            text_chars,
            has_base: false,
            body: None,
            embedded: Embedded::default(),
            ignores: false,
        }
    }

    /// The document has ended.
    pub(super) fn finish(mut self) -> K {
        self.close_label();
        self.close_embedded();
        self.keep
    }

    /// Whether links are left out here.
    #[cfg(feature = "markdown")]
    pub(super) fn ignores(&self) -> bool {
        self.ignores
    }

    fn close_label(&mut self) {
        if let Some(text) = self.label.close() {
            self.keep.label(text);
        }
    }

    /// Whether the start tag of an HTML element makes one where it stands; not all rules that say so are kept here.
    #[inline]
    fn makes_element(&mut self, tag: &Tag<'_>) -> bool {
        let element = tag.element;
        if self.frames.is_open() {
            self.body_or_frames(element);
            if is_hidden_input(tag) {
                return true;
            }
        }
        if !self.frames.start(element) {
            return false;
        }
        element != Element::Form || !core::mem::replace(&mut self.in_form, true)
    }

    /// Frames take the place of a body that has nothing to show yet (HTML section 13.2.6.4.7).
    #[cold]
    fn body_or_frames(&mut self, element: Element) {
        if element != Element::Frameset {
            if self.body.is_none() && !is_of_head(element) {
                self.body = Some(self.keep.mark());
            }
        } else if let Some(mark) = self.body.take() {
            self.close_label();
            self.keep.forget(mark);
            self.scopes = Scopes::default();
        }
    }

    /// Whether the links of this tag count.
    #[inline]
    fn wants_links(&self, tag: &Tag<'_>) -> bool {
        self.keep.wants_links() && !self.ignores && !tag.has(Attribute::DataCrawlspaceIgnore)
    }

    /// Takes the facts of an element that is rendered.
    #[inline(always)]
    fn element(&mut self, tag: &Tag<'_>, namespace: Namespace, at: &mut At<'_>) {
        // One `a` ends another, whatever it has; a style sheet needs nothing to be one.
        if tag.is_bare() && !matches!(tag.element, Element::A | Element::Style) {
            return;
        }
        if let Some(id) = tag.get(Attribute::Id)
            && !id.is_empty()
            && !self.scopes.in_shadow()
        {
            self.keep.id(&id);
            if self.keep.wants_spots() {
                self.spot(&id, at);
            }
        }
        match (namespace, tag.element) {
            (_, Element::Other) | (Namespace::MathMl, _) => {}
            (_, Element::Style) => self.open_sheet(tag, at),
            (Namespace::Html, Element::A) => {
                self.anchor(tag);
                if !tag.has(Attribute::Ping) && !tag.has(Attribute::Style) {
                    return self.anchor_href(tag, at);
                }
            }
            (Namespace::Html, Element::Meta) => self.meta(tag, at),
            (Namespace::Html, Element::Base) => self.base(tag, at),
            (Namespace::Html, Element::Script) => self.open_json(tag),
            (Namespace::Html, _) => {}
            (Namespace::Svg, Element::A) if !svg_attributes(tag).is_empty() => self.end_anchor(),
            (Namespace::Svg, _) => {}
        }
        let rows = match namespace {
            Namespace::Html => html_attributes(tag.element),
            Namespace::Svg => svg_attributes(tag),
            Namespace::MathMl => &[],
        };
        if !rows.is_empty() || tag.has(Attribute::Style) {
            self.attributes(tag, rows, at);
        }
        if namespace == Namespace::Svg && tag.element == Element::A && tag.self_closing {
            self.close_label();
        }
    }

    #[cold]
    fn spot(&mut self, id: &str, at: &mut At<'_>) {
        self.keep.spot(id, at.get().line);
    }

    fn anchor(&mut self, tag: &Tag<'_>) {
        if let Some(name) = tag.get(Attribute::Name)
            && !name.is_empty()
            && !self.scopes.in_shadow()
        {
            self.keep.id(&name);
        }
        self.end_anchor();
    }

    /// The link of an `a` that has no other: what [`Self::attributes`] does, fast, for most links there are.
    fn anchor_href(&mut self, tag: &Tag<'_>, at: &mut At<'_>) {
        if !self.wants_links(tag) {
            return;
        }
        let Some(href) = tag.get(Attribute::Href) else { return };
        let rel = tag.get(Attribute::Rel);
        let (place, rel) = (Place::A_HREF, rel.as_deref());
        let Position { line, column } = at.get();
        self.keep.link(&Found { place, url: &href, rel, text: "", labelled: true, line, column });
        self.label.open();
    }

    /// One `a` ends another.
    fn end_anchor(&mut self) {
        if self.keep.wants_links() {
            self.close_label();
        }
    }

    fn base(&mut self, tag: &Tag<'_>, at: &mut At<'_>) {
        if !self.has_base
            && let Some(href) = tag.get(Attribute::Href)
        {
            self.has_base = true;
            let Position { line, column } = at.get();
            self.keep.base(&href, line, column);
        }
    }

    fn meta(&mut self, tag: &Tag<'_>, at: &mut At<'_>) {
        let Some(content) = tag.get(Attribute::Content) else { return };
        if tag.get(Attribute::HttpEquiv).is_some_and(|name| name.eq_ignore_ascii_case("refresh"))
            && let Some(refresh) = refresh::parse(&content)
        {
            self.keep.refresh(&refresh);
            if let Some(url) = refresh.url.filter(|_| self.wants_links(tag)) {
                self.values(Place::META_REFRESH, Form::One, url, None, "", at);
            }
        }
        let name = tag.get(Attribute::Name).map(|name| name.to_ascii_lowercase());
        let property = tag.get(Attribute::Property).map(|name| name.to_ascii_lowercase());
        if let Some(name) = &name {
            self.keep.robots(name, &content);
        }
        if self.wants_links(tag)
            && [name, property].iter().flatten().any(|name| names_url(name))
            && !content.trim().is_empty()
        {
            self.values(Place::META_PROPERTY, Form::One, &content, None, "", at);
        }
    }

    /// A style sheet begins, if its type says that it is one (HTML section 4.2.6).
    fn open_sheet(&mut self, tag: &Tag<'_>, at: &mut At<'_>) {
        self.close_embedded();
        let is_css = tag
            .get(Attribute::Type)
            .is_none_or(|kind| kind.is_empty() || kind.eq_ignore_ascii_case("text/css"));
        if is_css && self.wants_links(tag) && self.keep.wants(Place::STYLE_ELEMENT) {
            self.embedded.open_sheet(at.get());
        }
    }

    fn open_json(&mut self, tag: &Tag<'_>) {
        let is_json = tag.get(Attribute::Type).is_some_and(|kind| {
            let essence = kind.split(';').next().unwrap_or_default();
            essence.trim_ascii().eq_ignore_ascii_case("application/ld+json")
        });
        if is_json && self.wants_links(tag) && self.keep.wants(Place::JSON_LD) {
            self.embedded.open_json();
        }
    }

    fn close_embedded(&mut self) {
        if self.embedded.is_open() {
            self.embedded.close(&mut self.keep);
        }
    }

    fn attributes(&mut self, tag: &Tag<'_>, rows: &[Row], at: &mut At<'_>) {
        if !self.wants_links(tag) {
            return;
        }
        let alt = tag.get(Attribute::Alt);
        if self.label.is_open()
            && let Some(alt) = &alt
            && matches!(tag.element, Element::Img | Element::Image)
        {
            self.label.push(Text::Decoded(" "));
            self.label.push(Text::Decoded(alt));
            self.label.push(Text::Decoded(" "));
        }
        let text = alt.or_else(|| tag.get(Attribute::Title)).map(|text| folded(&text, self.text_chars));
        let rel = tag.get(Attribute::Rel);
        let text = text.as_deref().unwrap_or_default();
        let take = |row: &Row| {
            let &(attribute, place, form) = row;
            let Some(value) = tag.get(attribute) else { return };
            // Only an image button has a source (HTML section 4.10.5.1.19).
            if place == Place::INPUT_SRC
                && !tag.get(Attribute::Type).is_some_and(|kind| kind.eq_ignore_ascii_case("image"))
            {
                return;
            }
            self.values(place, form, &value, rel.as_deref(), text, at);
        };
        if is_in_order(tag, rows) {
            rows.iter().chain(&[STYLE]).for_each(take);
        } else {
            in_order(tag, rows).iter().for_each(take);
        }
    }

    /// The URLs of one attribute.
    fn values(
        &mut self,
        place: Place,
        form: Form,
        value: &str,
        rel: Option<&str>,
        text: &str,
        at: &mut At<'_>,
    ) {
        if form == Form::Style {
            return self.style_attribute(value, at);
        }
        let Position { line, column } = at.get();
        let keep = &mut self.keep;
        let labelled = form == Form::Labelled;
        let mut link = |url| keep.link(&Found { place, url, rel, text, labelled, line, column });
        match form {
            Form::One | Form::Style => link(value),
            Form::Labelled => {
                link(value);
                self.label.open();
            }
            Form::Spaced => value.split_ascii_whitespace().for_each(link),
            Form::Commas => {
                value.split(',').map(str::trim_ascii).filter(|url| !url.is_empty()).for_each(link);
            }
            Form::Srcset => srcset::candidates(value).for_each(|candidate| link(candidate.url)),
        }
    }

    fn style_attribute(&mut self, style: &str, at: &mut At<'_>) {
        // No URL without a function.
        if !self.keep.wants(Place::STYLE_ATTRIBUTE) || memchr::memchr(b'(', style.as_bytes()).is_none() {
            return;
        }
        let place = at.get();
        let keep = &mut self.keep;
        let mut found = |url: CssUrl<'_>| {
            keep.link(&Found {
                place: Place::STYLE_ATTRIBUTE,
                url: url.url,
                rel: None,
                text: "",
                labelled: false,
                line: url.at.line,
                column: url.at.column,
            });
        };
        let mut css = Css::declarations(place);
        css.push(style.as_bytes(), &mut found);
        css.finish(&mut found);
    }
}

impl<K: Keep> Sink for Collector<K> {
    #[inline]
    fn start(&mut self, tag: &Tag<'_>, at: &mut At<'_>) -> Content {
        if tag.element.is_plain() && tag.is_bare() && self.scopes.is_plain() {
            return Content::Markup;
        }
        if self.embedded.is_markup() {
            self.close_embedded();
        }
        let in_template = self.scopes.in_template();
        let borders = matches!(tag.element, Element::Svg | Element::Math | Element::Template);
        let namespace = if self.scopes.is_plain() && !borders {
            Namespace::Html
        } else if self.frames.has_frames() {
            return Content::Markup;
        } else {
            self.scopes.start(tag)
        };
        if namespace == Namespace::Html {
            self.scopes.note(tag.element);
            if !in_template && !self.makes_element(tag) {
                return Content::Markup;
            }
        } else if self.frames.is_open() {
            self.body_or_frames(Element::Svg);
        }
        if !in_template {
            self.element(tag, namespace, at);
            if namespace != Namespace::Html {
                self.embedded.take_markup();
            }
        }
        if tag.self_closing && self.embedded.is_markup() {
            self.end(tag.element);
        }
        if namespace == Namespace::Html { content(tag.element) } else { Content::Markup }
    }

    #[cold]
    fn start_named(&mut self, tag: &Tag<'_>, namespace: Namespace, at: &mut At<'_>) {
        if self.embedded.is_markup() {
            self.close_embedded();
        }
        if !self.scopes.in_template() {
            self.element(tag, namespace, at);
            self.embedded.take_markup();
        }
        if namespace == Namespace::Html && tag.element == Element::Template {
            self.scopes.enter_template();
        }
        if tag.self_closing {
            self.end(tag.element);
        }
    }

    #[inline]
    fn end(&mut self, element: Element) {
        if element == Element::A {
            self.close_label();
        }
        if matches!(element, Element::Style | Element::Script) || self.embedded.is_markup() {
            self.close_embedded();
        }
        if !self.scopes.is_plain() {
            self.scopes.end(element);
        }
        self.frames.end(element);
        self.in_form &= element != Element::Form;
    }

    #[inline]
    fn wants_ends(&self) -> bool {
        !self.scopes.is_plain() || self.in_form || self.frames.is_inside() || self.embedded.is_markup()
    }

    fn text(&mut self, text: Text<'_>) {
        self.frames.text(text);
        if self.embedded.is_markup() {
            self.embedded.text(text);
            return;
        }
        if self.label.is_open() {
            self.label.push(text);
        }
    }

    #[inline]
    fn wants_text(&self) -> bool {
        self.label.is_open() || self.frames.is_open() || self.embedded.is_markup()
    }

    fn raw(&mut self, text: &[u8]) {
        self.embedded.read(text, &mut self.keep);
    }

    #[inline]
    fn wants_raw(&self) -> bool {
        self.embedded.is_raw()
    }

    fn raw_begins(&mut self, at: &mut At<'_>) {
        self.embedded.begin(at.get());
    }

    fn comment(&mut self, text: &[u8]) {
        // What closes a comment came with it, or a part of that.
        let end = text.iter().rposition(|byte| !matches!(byte, b'-' | b'!')).map_or(0, |last| last + 1);
        match text[..end].trim_ascii() {
            b"crawlspace-ignore-start" => self.ignores = true,
            b"crawlspace-ignore-end" => self.ignores = false,
            _ => {}
        }
    }

    #[inline]
    fn interrupt(&mut self) {
        self.label.interrupt();
        if self.embedded.is_markup() {
            self.embedded.interrupt(&mut self.keep);
        }
    }

    fn allows_cdata(&self) -> bool {
        self.scopes.is_foreign()
    }
}

/// How the content of an element of HTML is read, with scripting off (HTML sections 13.2.6.4.4 and 13.2.6.4.7).
pub(super) const fn content(element: Element) -> Content {
    match element {
        Element::Title
        | Element::Textarea
        | Element::Style
        | Element::Xmp
        | Element::Iframe
        | Element::Noembed
        | Element::Noframes => Content::Text(element),
        Element::Script => Content::Script,
        Element::Plaintext => Content::Plaintext,
        _ => Content::Markup,
    }
}

/// Whether a start tag is that of a field that shows nothing, which leaves open whether there will be a body.
#[cold]
fn is_hidden_input(tag: &Tag<'_>) -> bool {
    tag.element == Element::Input
        && tag.get(Attribute::Type).is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"))
}

/// Whether the start tag of an element leaves open whether there will be a body.
const fn is_of_head(element: Element) -> bool {
    use Element as El;
    matches!(
        element,
        El::Html
            | El::Head
            | El::Base
            | El::Bgsound
            | El::Link
            | El::Meta
            | El::Noframes
            | El::Script
            | El::Style
            | El::Template
            | El::Title
    )
}

/// Whether the content of a `meta` element with this name or property is a URL: Open Graph and its like.
fn names_url(name: &str) -> bool {
    let Some((vocabulary, property)) = name.split_once(':') else { return false };
    match vocabulary {
        "og" => {
            let kind =
                property.strip_suffix(":secure_url").or(property.strip_suffix(":url")).unwrap_or(property);
            matches!(kind, "url" | "image" | "video" | "audio")
        }
        "twitter" => matches!(property, "image" | "image:src" | "player" | "player:stream"),
        _ => false,
    }
}
