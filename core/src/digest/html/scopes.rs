//! Where in the tree we are, as far as it can be told without building it.
//!
//! Only what changes how tags are read is kept: templates, SVG and MathML, and the places within these where HTML
//! stands again (HTML section 13.2.6.5). Elements between them are not, so that the tree construction's rules for
//! markup that is nested wrongly are followed at the borders only.

use super::names::{Attribute, Element};
use super::tag::Tag;

/// The namespace an element is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Namespace {
    Html,
    Svg,
    MathMl,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Template,
    /// A template that is a shadow root, and rendered.
    Shadow,
    Svg,
    MathMl,
    /// An element of SVG or MathML whose content is HTML; whether any of that has come.
    HtmlIn(Element, bool),
    /// An element of MathML whose content is HTML but for two elements; whether any of that has come.
    TextIn(Element, bool),
    /// One of these two, whose content is MathML again.
    Glyph(Element),
    /// `annotation-xml` with no encoding, in which `svg` is SVG.
    Annotation,
}

/// The scopes that are open, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    open: Vec<Scope>,
    templates: usize,
    shadows: usize,
    /// The elements of HTML whose start tags have come, a bit for each.
    begun: u128,
}

const _: () = assert!(Element::COUNT <= 128, "there is a bit for each element");

/// Browsers nest no deeper either; what is, is read as if it stood here.
const DEEPEST: usize = 512;

impl Scopes {
    /// Whether this is plain HTML, as nearly everything is.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.open.is_empty()
    }

    /// Notes the start tag of an element of HTML.
    #[inline]
    pub(super) fn note(&mut self, element: Element) {
        self.begun |= 1 << element as u8;
    }

    /// Whether this is inside a template, which is not rendered.
    #[inline]
    pub(super) fn in_template(&self) -> bool {
        self.templates > 0
    }

    /// Whether this is inside a shadow tree, in which fragments are not looked for (HTML section 7.4.6.4).
    #[inline]
    pub(super) fn in_shadow(&self) -> bool {
        self.shadows > 0
    }

    /// Whether `<![CDATA[` begins a section.
    pub(super) fn is_foreign(&self) -> bool {
        match self.open.last() {
            Some(Scope::Svg | Scope::MathMl | Scope::Glyph(_) | Scope::Annotation) => true,
            Some(Scope::HtmlIn(_, any) | Scope::TextIn(_, any)) => !any,
            Some(Scope::Template | Scope::Shadow) | None => false,
        }
    }

    /// Goes into the element that a start tag opens, and gives its namespace.
    pub(super) fn start(&mut self, tag: &Tag<'_>) -> Namespace {
        let namespace = self.namespace_of(tag);
        if namespace == Namespace::Html {
            if let Some(Scope::HtmlIn(_, any) | Scope::TextIn(_, any)) = self.open.last_mut() {
                *any |= !matches!(tag.element, Element::Svg | Element::Math);
            }
            match tag.element {
                Element::Template => {
                    let is_rendered = !self.in_template() && is_shadow_root(tag);
                    self.push(if is_rendered { Scope::Shadow } else { Scope::Template });
                }
                Element::Svg => return self.root(tag, Scope::Svg, Namespace::Svg),
                Element::Math => return self.root(tag, Scope::MathMl, Namespace::MathMl),
                _ => {}
            }
            return namespace;
        }
        if !tag.self_closing {
            let in_text = matches!(self.open.last(), Some(Scope::TextIn(..)));
            if let Some(scope) = foreign_scope(namespace, tag, in_text) {
                self.push(scope);
            }
        }
        namespace
    }

    fn root(&mut self, tag: &Tag<'_>, scope: Scope, namespace: Namespace) -> Namespace {
        if !tag.self_closing {
            self.push(scope);
        }
        namespace
    }

    /// The namespace by which a start tag's element is created, once the foreign content it breaks out of is left.
    fn namespace_of(&mut self, tag: &Tag<'_>) -> Namespace {
        loop {
            match self.open.last() {
                None | Some(Scope::Template | Scope::Shadow | Scope::HtmlIn(..)) => return Namespace::Html,
                Some(Scope::TextIn(_, any)) => {
                    let foreign = matches!(tag.element, Element::Mglyph | Element::Malignmark) && !any;
                    return if foreign { Namespace::MathMl } else { Namespace::Html };
                }
                Some(Scope::Annotation) if tag.element == Element::Svg => return Namespace::Html,
                Some(Scope::Svg | Scope::MathMl | Scope::Glyph(_) | Scope::Annotation) if breaks_out(tag) => {
                    self.open.pop();
                }
                Some(Scope::Svg) => return Namespace::Svg,
                Some(Scope::MathMl | Scope::Glyph(_) | Scope::Annotation) => return Namespace::MathMl,
            }
        }
    }

    /// Goes into a template of XML, none of which is a shadow root.
    pub(super) fn enter_template(&mut self) {
        self.push(Scope::Template);
    }

    /// Leaves what an end tag closes.
    pub(super) fn end(&mut self, element: Element) {
        match element {
            Element::Template => self.leave(|scope| matches!(scope, Scope::Template | Scope::Shadow)),
            Element::Svg => self.leave_in_template(|scope| *scope == Scope::Svg),
            Element::Math => self.leave_in_template(|scope| *scope == Scope::MathMl),
            Element::AnnotationXml => self.leave_in_template(|scope| {
                matches!(scope, Scope::Annotation | Scope::HtmlIn(Element::AnnotationXml, _))
            }),
            Element::Mglyph | Element::Malignmark => {
                self.leave_in_template(|scope| *scope == Scope::Glyph(element));
            }
            Element::ForeignObject
            | Element::Desc
            | Element::Title
            | Element::Mi
            | Element::Mo
            | Element::Mn
            | Element::Ms
            | Element::Mtext => self.leave_in_template(
                |scope| matches!(scope, Scope::HtmlIn(open, _) | Scope::TextIn(open, _) if *open == element),
            ),
            // `p` and `br` by the standard; the others if they are open, which can only be outside: these close all
            // within. That one was begun is as near as we come to that.
            _ if matches!(element, Element::P | Element::Br)
                || is_of_html(element) && self.begun >> element as u8 & 1 == 1 =>
            {
                while matches!(
                    self.open.last(),
                    Some(Scope::Svg | Scope::MathMl | Scope::Glyph(_) | Scope::Annotation)
                ) {
                    self.open.pop();
                }
            }
            _ => {}
        }
    }

    fn leave_in_template(&mut self, is_it: impl Fn(&Scope) -> bool) {
        let within = self
            .open
            .iter()
            .rposition(|scope| matches!(scope, Scope::Template | Scope::Shadow))
            .map_or(0, |at| at + 1);
        if self.open[within..].iter().any(&is_it) {
            self.leave(is_it);
        }
    }

    fn leave(&mut self, is_it: impl Fn(&Scope) -> bool) {
        let Some(at) = self.open.iter().rposition(is_it) else { return };
        self.open.truncate(at);
        self.templates = self.open.iter().filter(|scope| **scope == Scope::Template).count();
        self.shadows = self.open.iter().filter(|scope| **scope == Scope::Shadow).count();
    }

    fn push(&mut self, scope: Scope) {
        if self.open.len() < DEEPEST {
            self.open.push(scope);
            self.templates += usize::from(scope == Scope::Template);
            self.shadows += usize::from(scope == Scope::Shadow);
        }
    }
}

/// The scope that an element of SVG or MathML opens, if its content is read in another way than what it stands in.
fn foreign_scope(namespace: Namespace, tag: &Tag<'_>, in_text: bool) -> Option<Scope> {
    Some(match (namespace, tag.element) {
        (Namespace::Svg, Element::Svg) => Scope::Svg,
        (Namespace::MathMl, Element::Math) => Scope::MathMl,
        (Namespace::MathMl, Element::Mglyph | Element::Malignmark) if in_text => Scope::Glyph(tag.element),
        (Namespace::Svg, Element::ForeignObject | Element::Desc | Element::Title) => {
            Scope::HtmlIn(tag.element, false)
        }
        (Namespace::MathMl, Element::Mi | Element::Mo | Element::Mn | Element::Ms | Element::Mtext) => {
            Scope::TextIn(tag.element, false)
        }
        (Namespace::MathMl, Element::AnnotationXml) => {
            let encoding = tag.get(Attribute::Encoding).unwrap_or_default();
            let is_html =
                ["text/html", "application/xhtml+xml"].iter().any(|html| encoding.eq_ignore_ascii_case(html));
            if is_html { Scope::HtmlIn(Element::AnnotationXml, false) } else { Scope::Annotation }
        }
        _ => return None,
    })
}

/// Whether a template declares a shadow root (HTML section 13.2.6.4.4). Not known is whether its parent can have one.
fn is_shadow_root(tag: &Tag<'_>) -> bool {
    tag.get(Attribute::Shadowrootmode)
        .is_some_and(|mode| mode.eq_ignore_ascii_case("open") || mode.eq_ignore_ascii_case("closed"))
}

/// Whether a start tag ends foreign content (HTML section 13.2.6.5).
fn breaks_out(tag: &Tag<'_>) -> bool {
    let changes_font =
        || [Attribute::Color, Attribute::Face, Attribute::Size].iter().any(|attribute| tag.has(*attribute));
    is_of_html(tag.element) || tag.element == Element::Font && changes_font()
}

/// Whether an element is never one of SVG or MathML: its start tag ends those.
const fn is_of_html(element: Element) -> bool {
    use Element as El;
    matches!(
        element,
        El::B
            | El::Big
            | El::Blockquote
            | El::Body
            | El::Br
            | El::Center
            | El::Code
            | El::Dd
            | El::Div
            | El::Dl
            | El::Dt
            | El::Em
            | El::Embed
            | El::H1
            | El::H2
            | El::H3
            | El::H4
            | El::H5
            | El::H6
            | El::Head
            | El::Hr
            | El::I
            | El::Img
            | El::Li
            | El::Listing
            | El::Menu
            | El::Meta
            | El::Nobr
            | El::Ol
            | El::P
            | El::Pre
            | El::Ruby
            | El::S
            | El::Small
            | El::Span
            | El::Strong
            | El::Strike
            | El::Sub
            | El::Sup
            | El::Table
            | El::Tt
            | El::U
            | El::Ul
            | El::Var
    )
}
