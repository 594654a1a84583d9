//! Frame sets: a document has a body or frames, never both, and what stands where the other would be is no element
//! (HTML sections 13.2.6.4.6, 13.2.6.4.7 and 13.2.6.4.20).

use super::names::Element;
use super::tag::Text;

/// What is known of a document's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frames {
    /// Nothing has come that only a body has: the standard's "frameset-ok flag".
    Possible,
    /// It has a body.
    Never,
    /// Inside so many frame sets.
    Inside(u32),
    /// Behind them.
    After,
}

impl Frames {
    /// Whether text may still decide.
    #[inline]
    pub(super) fn is_open(self) -> bool {
        self == Self::Possible
    }

    /// Whether it has frames, and no body.
    pub(super) fn has_frames(self) -> bool {
        matches!(self, Self::Inside(_) | Self::After)
    }

    /// Whether end tags matter.
    #[inline]
    pub(super) fn is_inside(self) -> bool {
        matches!(self, Self::Inside(_))
    }

    /// Text that is more than white space decides for a body.
    pub(super) fn text(&mut self, text: Text<'_>) {
        let (Text::Raw(bytes) | Text::Literal(bytes)) = text else {
            let Text::Decoded(text) = text else { return };
            return self.text(Text::Raw(text.as_bytes()));
        };
        let is_nothing = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | 0);
        if self.is_open() && !bytes.iter().all(is_nothing) {
            *self = Self::Never;
        }
    }

    /// Whether the start tag of an HTML element makes an element here.
    #[inline]
    pub(super) fn start(&mut self, element: Element) -> bool {
        // Nearly always.
        if *self == Self::Never {
            return !matches!(element, Element::Frame | Element::Frameset);
        }
        self.start_undecided(element)
    }

    fn start_undecided(&mut self, element: Element) -> bool {
        match (*self, element) {
            (Self::Possible, Element::Frameset) => {
                *self = Self::Inside(1);
                true
            }
            (Self::Possible, Element::Frame) | (Self::Never, Element::Frame | Element::Frameset) => false,
            (Self::Possible, _) => {
                if is_of_a_body(element) {
                    *self = Self::Never;
                }
                true
            }
            (Self::Never, _) => true,
            (Self::Inside(depth), Element::Frameset) => {
                *self = Self::Inside(depth.saturating_add(1));
                true
            }
            (Self::Inside(_), element) => matches!(element, Element::Frame | Element::Noframes),
            (Self::After, element) => element == Element::Noframes,
        }
    }

    pub(super) fn end(&mut self, element: Element) {
        if let Self::Inside(depth) = *self
            && element == Element::Frameset
        {
            *self = if depth > 1 { Self::Inside(depth - 1) } else { Self::After };
        }
    }
}

/// The elements whose start tags set the frameset-ok flag to "not ok".
const fn is_of_a_body(element: Element) -> bool {
    use Element as El;
    matches!(
        element,
        El::Applet
            | El::Area
            | El::Body
            | El::Br
            | El::Button
            | El::Dd
            | El::Dt
            | El::Embed
            | El::Hr
            | El::Iframe
            | El::Image
            | El::Img
            | El::Input
            | El::Keygen
            | El::Li
            | El::Listing
            | El::Marquee
            | El::Object
            | El::Plaintext
            | El::Pre
            | El::Select
            | El::Table
            | El::Textarea
            | El::Wbr
            | El::Xmp
    )
}
