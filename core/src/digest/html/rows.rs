//! Which attributes hold URLs, element by element.

use super::super::place::Place;
use super::names::{Attribute, Element};
use super::tag::Tag;

/// How a value holds URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    One,
    /// One, whose text is that of the element.
    Labelled,
    /// Separated by white space.
    Spaced,
    /// Separated by commas.
    Commas,
    /// A `srcset`.
    Srcset,
    /// Declarations of a style.
    Style,
}

/// An attribute with URLs, the place that it is for the element, and how it holds them.
pub(super) type Row = (Attribute, Place, Form);

pub(super) const STYLE: Row = (Attribute::Style, Place::STYLE_ATTRIBUTE, Form::Style);

/// Whether the attributes of a table that a tag has, and then its style, stand in the tag in the table's order.
#[inline]
pub(super) fn is_in_order(tag: &Tag<'_>, rows: &[Row]) -> bool {
    let mut last = None;
    rows.iter().chain(&[STYLE]).filter(|row| tag.has(row.0)).all(|row| {
        let rank = Some(tag.rank(row.0));
        core::mem::replace(&mut last, rank) < rank
    })
}

/// The rows of a table whose attributes a tag has, and its style, in the order of the tag and not of the table.
#[cold]
pub(super) fn in_order(tag: &Tag<'_>, rows: &[Row]) -> Vec<Row> {
    let mut rows: Vec<Row> = rows.iter().chain(&[STYLE]).filter(|row| tag.has(row.0)).copied().collect();
    rows.sort_by_key(|row| tag.rank(row.0));
    rows
}

/// The attributes of an element of SVG that hold URLs, of those the tag has.
pub(super) fn svg_attributes(tag: &Tag<'_>) -> &'static [Row] {
    use Attribute::{Href, XlinkHref};
    use Form::{Labelled, One};
    let (href, xlink): (&'static [Row], &'static [Row]) = match tag.element {
        Element::A => (&[(Href, Place::SVG_A_HREF, Labelled)], &[(XlinkHref, Place::SVG_A_XLINK, Labelled)]),
        Element::Image => {
            (&[(Href, Place::SVG_IMAGE_HREF, One)], &[(XlinkHref, Place::SVG_IMAGE_XLINK, One)])
        }
        Element::Use => (&[(Href, Place::SVG_USE_HREF, One)], &[(XlinkHref, Place::SVG_USE_XLINK, One)]),
        Element::Script => {
            (&[(Href, Place::SVG_SCRIPT_HREF, One)], &[(XlinkHref, Place::SVG_SCRIPT_XLINK, One)])
        }
        Element::FeImage => {
            (&[(Href, Place::SVG_FEIMAGE_HREF, One)], &[(XlinkHref, Place::SVG_FEIMAGE_XLINK, One)])
        }
        _ => return &[],
    };
    // SVG 2 section 16.1.6: `xlink:href` counts only where there is no `href`.
    match (tag.has(Href), tag.has(XlinkHref)) {
        (true, _) => href,
        (false, true) => xlink,
        (false, false) => &[],
    }
}

/// The attributes of an element of HTML that hold URLs; `base` and `meta` have rules of their own.
pub(super) const fn html_attributes(element: Element) -> &'static [Row] {
    use Attribute as At;
    use Form::{Commas, Labelled, One, Spaced, Srcset};
    match element {
        Element::A => &[(At::Href, Place::A_HREF, Labelled), (At::Ping, Place::A_PING, Spaced)],
        Element::Applet => {
            &[(At::Codebase, Place::APPLET_CODEBASE, One), (At::Archive, Place::APPLET_ARCHIVE, Commas)]
        }
        Element::Area => &[(At::Href, Place::AREA_HREF, One), (At::Ping, Place::AREA_PING, Spaced)],
        Element::Audio => &[(At::Src, Place::AUDIO_SRC, One)],
        Element::Bgsound => &[(At::Src, Place::BGSOUND_SRC, One)],
        Element::Blockquote => &[(At::Cite, Place::BLOCKQUOTE_CITE, One)],
        Element::Body => &[(At::Background, Place::BODY_BACKGROUND, One)],
        Element::Button => &[(At::Formaction, Place::BUTTON_FORMACTION, One)],
        Element::Del => &[(At::Cite, Place::DEL_CITE, One)],
        Element::Embed => {
            &[(At::Src, Place::EMBED_SRC, One), (At::Pluginspage, Place::EMBED_PLUGINSPAGE, One)]
        }
        Element::Form => &[(At::Action, Place::FORM_ACTION, One)],
        Element::Frame => &[(At::Src, Place::FRAME_SRC, One), (At::Longdesc, Place::FRAME_LONGDESC, One)],
        Element::Head => &[(At::Profile, Place::HEAD_PROFILE, Spaced)],
        Element::Html => &[(At::Manifest, Place::HTML_MANIFEST, One)],
        Element::Iframe => &[(At::Src, Place::IFRAME_SRC, One), (At::Longdesc, Place::IFRAME_LONGDESC, One)],
        // The parser takes `image` for `img` (HTML section 13.2.6.4.7).
        Element::Img | Element::Image => &[
            (At::Src, Place::IMG_SRC, One),
            (At::Srcset, Place::IMG_SRCSET, Srcset),
            (At::Lowsrc, Place::IMG_LOWSRC, One),
            (At::Longdesc, Place::IMG_LONGDESC, One),
            (At::Usemap, Place::IMG_USEMAP, One),
        ],
        Element::Input => &[
            (At::Src, Place::INPUT_SRC, One),
            (At::Formaction, Place::INPUT_FORMACTION, One),
            (At::Usemap, Place::INPUT_USEMAP, One),
        ],
        Element::Ins => &[(At::Cite, Place::INS_CITE, One)],
        Element::Link => {
            &[(At::Href, Place::LINK_HREF, One), (At::Imagesrcset, Place::LINK_IMAGESRCSET, Srcset)]
        }
        Element::Object => &[
            (At::Data, Place::OBJECT_DATA, One),
            (At::Codebase, Place::OBJECT_CODEBASE, One),
            (At::Archive, Place::OBJECT_ARCHIVE, Spaced),
            (At::Classid, Place::OBJECT_CLASSID, One),
            (At::Usemap, Place::OBJECT_USEMAP, One),
        ],
        Element::Q => &[(At::Cite, Place::Q_CITE, One)],
        Element::Script => &[(At::Src, Place::SCRIPT_SRC, One)],
        Element::Source => &[(At::Src, Place::SOURCE_SRC, One), (At::Srcset, Place::SOURCE_SRCSET, Srcset)],
        Element::Table => &[(At::Background, Place::TABLE_BACKGROUND, One)],
        Element::Td => &[(At::Background, Place::TD_BACKGROUND, One)],
        Element::Th => &[(At::Background, Place::TH_BACKGROUND, One)],
        Element::Tr => &[(At::Background, Place::TR_BACKGROUND, One)],
        Element::Track => &[(At::Src, Place::TRACK_SRC, One)],
        Element::Video => &[(At::Src, Place::VIDEO_SRC, One), (At::Poster, Place::VIDEO_POSTER, One)],
        _ => &[],
    }
}
