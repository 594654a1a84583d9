//! Where a URL can stand in a document, and what follows from it.

use core::fmt;

/// What a link is for, which decides how much of its target is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum Role {
    /// Recorded, never fetched: asking would have effects, or the value only names something.
    Recorded,
    /// A resource of the page: checked, its own links not followed.
    Resource,
    /// A place to go to: checked, and followed where the scope says so.
    Followed,
}

macro_rules! places {
    ($($name:ident = $element:literal $attribute:literal $role:ident;)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[repr(u8)]
        enum Index { $($name),* }

        impl Place {
            $(
                #[doc = concat!("`", $attribute, "` of `", $element, "`.")]
                pub const $name: Self = Self(Index::$name as u8);
            )*
        }

        const TABLE: &[(&str, &str, Role)] = &[$(($element, $attribute, Role::$role)),*];
    };
}

/// An element and attribute that hold a URL, or another such place (a header field, a style sheet). A small number
/// that stands for a row of one table, so that a link costs one byte here.
///
/// A `link` element is a resource whatever its `rel`: `next`, `alternate`, `canonical`, `license` and the like are
/// checked, not followed. Only `preconnect` and `dns-prefetch` are no links, for they name hosts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(u8);

places! {
    SEED = "seed" "" Followed;
    A_HREF = "a" "href" Followed;
    AREA_HREF = "area" "href" Followed;
    LINK_HREF = "link" "href" Resource;
    IMG_SRC = "img" "src" Resource;
    IMG_SRCSET = "img" "srcset" Resource;
    SCRIPT_SRC = "script" "src" Resource;
    IFRAME_SRC = "iframe" "src" Followed;
    FRAME_SRC = "frame" "src" Followed;
    SOURCE_SRC = "source" "src" Resource;
    SOURCE_SRCSET = "source" "srcset" Resource;
    VIDEO_SRC = "video" "src" Resource;
    VIDEO_POSTER = "video" "poster" Resource;
    AUDIO_SRC = "audio" "src" Resource;
    TRACK_SRC = "track" "src" Resource;
    EMBED_SRC = "embed" "src" Resource;
    OBJECT_DATA = "object" "data" Resource;
    INPUT_SRC = "input" "src" Resource;
    LINK_IMAGESRCSET = "link" "imagesrcset" Resource;
    META_REFRESH = "meta" "content" Followed;
    META_PROPERTY = "meta" "content" Resource;
    FORM_ACTION = "form" "action" Recorded;
    INPUT_FORMACTION = "input" "formaction" Recorded;
    BUTTON_FORMACTION = "button" "formaction" Recorded;
    A_PING = "a" "ping" Recorded;
    AREA_PING = "area" "ping" Recorded;
    BLOCKQUOTE_CITE = "blockquote" "cite" Resource;
    Q_CITE = "q" "cite" Resource;
    DEL_CITE = "del" "cite" Resource;
    INS_CITE = "ins" "cite" Resource;
    HTML_MANIFEST = "html" "manifest" Resource;
    BODY_BACKGROUND = "body" "background" Resource;
    TABLE_BACKGROUND = "table" "background" Resource;
    TD_BACKGROUND = "td" "background" Resource;
    TH_BACKGROUND = "th" "background" Resource;
    TR_BACKGROUND = "tr" "background" Resource;
    IMG_LONGDESC = "img" "longdesc" Resource;
    IMG_LOWSRC = "img" "lowsrc" Resource;
    IFRAME_LONGDESC = "iframe" "longdesc" Resource;
    FRAME_LONGDESC = "frame" "longdesc" Resource;
    OBJECT_CODEBASE = "object" "codebase" Recorded;
    OBJECT_ARCHIVE = "object" "archive" Resource;
    OBJECT_CLASSID = "object" "classid" Recorded;
    IMG_USEMAP = "img" "usemap" Recorded;
    OBJECT_USEMAP = "object" "usemap" Recorded;
    INPUT_USEMAP = "input" "usemap" Recorded;
    APPLET_CODEBASE = "applet" "codebase" Recorded;
    APPLET_ARCHIVE = "applet" "archive" Resource;
    SVG_A_HREF = "svg:a" "href" Followed;
    SVG_A_XLINK = "svg:a" "xlink:href" Followed;
    SVG_IMAGE_HREF = "svg:image" "href" Resource;
    SVG_IMAGE_XLINK = "svg:image" "xlink:href" Resource;
    SVG_USE_HREF = "svg:use" "href" Resource;
    SVG_USE_XLINK = "svg:use" "xlink:href" Resource;
    SVG_SCRIPT_HREF = "svg:script" "href" Resource;
    SVG_SCRIPT_XLINK = "svg:script" "xlink:href" Resource;
    SVG_FEIMAGE_HREF = "svg:feImage" "href" Resource;
    SVG_FEIMAGE_XLINK = "svg:feImage" "xlink:href" Resource;
    STYLE_ATTRIBUTE = "*" "style" Resource;
    STYLE_ELEMENT = "style" "url()" Resource;
    CSS_URL = "css" "url()" Resource;
    CSS_IMPORT = "css" "@import" Resource;
    JSON_LD = "script" "ld+json" Resource;
    HEADER_LINK = "header" "Link" Resource;
    HEADER_REFRESH = "header" "Refresh" Followed;
    HEADER_CONTENT_LOCATION = "header" "Content-Location" Resource;
    SITEMAP_LOC = "sitemap" "loc" Followed;
    MARKDOWN_LINK = "markdown" "link" Followed;
    MARKDOWN_IMAGE = "markdown" "image" Resource;
    BASE_HREF = "base" "href" Recorded;
    BGSOUND_SRC = "bgsound" "src" Resource;
    EMBED_PLUGINSPAGE = "embed" "pluginspage" Resource;
    HEAD_PROFILE = "head" "profile" Recorded;
    STYLE_IMPORT = "style" "@import" Resource;
}

impl Place {
    /// How many places there are.
    pub const COUNT: usize = TABLE.len();

    /// The place with this number, if there is one.
    #[must_use]
    pub fn from_index(index: u8) -> Option<Self> {
        (usize::from(index) < TABLE.len()).then_some(Self(index))
    }

    /// The number that stands for this place; stable within a version of the state format.
    #[must_use]
    pub const fn index(self) -> u8 {
        self.0
    }

    /// The element's name, `svg:` before those of SVG; for other places, what the place is.
    #[must_use]
    pub fn element(self) -> &'static str {
        TABLE[usize::from(self.0)].0
    }

    /// The attribute's name.
    #[must_use]
    pub fn attribute(self) -> &'static str {
        TABLE[usize::from(self.0)].1
    }

    /// What a link at this place is for, unless its `rel` says otherwise.
    #[must_use]
    pub fn role(self) -> Role {
        TABLE[usize::from(self.0)].2
    }

    /// All places.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TABLE.len()).filter_map(|index| u8::try_from(index).ok()).map(Self)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.element(), self.attribute())
    }
}

/// A set of places: which ones count as links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PlaceSet(pub(crate) u128);

const _: () = assert!(Place::COUNT <= 128, "a PlaceSet has 128 bits");

impl PlaceSet {
    /// No place.
    pub const EMPTY: Self = Self(0);
    /// Every place.
    pub const ALL: Self = Self(u128::MAX);

    /// This set and one place more.
    #[must_use]
    pub const fn with(self, place: Place) -> Self {
        Self(self.0 | 1 << place.0)
    }

    /// This set without one place.
    #[must_use]
    pub const fn without(self, place: Place) -> Self {
        Self(self.0 & !(1 << place.0))
    }

    /// Whether a place is in the set.
    #[must_use]
    pub const fn contains(self, place: Place) -> bool {
        self.0 >> place.0 & 1 == 1
    }
}

impl Default for PlaceSet {
    /// Every place but those that are on request only (JSON-LD).
    fn default() -> Self {
        Self::ALL.without(Place::JSON_LD)
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    /// State that was saved names places by their numbers: a row may be added at the end, and never moves.
    const ROWS: &[&str] = &[
        "seed[]",
        "a[href]",
        "area[href]",
        "link[href]",
        "img[src]",
        "img[srcset]",
        "script[src]",
        "iframe[src]",
        "frame[src]",
        "source[src]",
        "source[srcset]",
        "video[src]",
        "video[poster]",
        "audio[src]",
        "track[src]",
        "embed[src]",
        "object[data]",
        "input[src]",
        "link[imagesrcset]",
        "meta[content]",
        "meta[content]",
        "form[action]",
        "input[formaction]",
        "button[formaction]",
        "a[ping]",
        "area[ping]",
        "blockquote[cite]",
        "q[cite]",
        "del[cite]",
        "ins[cite]",
        "html[manifest]",
        "body[background]",
        "table[background]",
        "td[background]",
        "th[background]",
        "tr[background]",
        "img[longdesc]",
        "img[lowsrc]",
        "iframe[longdesc]",
        "frame[longdesc]",
        "object[codebase]",
        "object[archive]",
        "object[classid]",
        "img[usemap]",
        "object[usemap]",
        "input[usemap]",
        "applet[codebase]",
        "applet[archive]",
        "svg:a[href]",
        "svg:a[xlink:href]",
        "svg:image[href]",
        "svg:image[xlink:href]",
        "svg:use[href]",
        "svg:use[xlink:href]",
        "svg:script[href]",
        "svg:script[xlink:href]",
        "svg:feImage[href]",
        "svg:feImage[xlink:href]",
        "*[style]",
        "style[url()]",
        "css[url()]",
        "css[@import]",
        "script[ld+json]",
        "header[Link]",
        "header[Refresh]",
        "header[Content-Location]",
        "sitemap[loc]",
        "markdown[link]",
        "markdown[image]",
        "base[href]",
        "bgsound[src]",
        "embed[pluginspage]",
        "head[profile]",
        "style[@import]",
    ];

    #[test]
    fn places_keep_their_numbers() {
        let places: Vec<_> = Place::all().map(|place| format!("{place:?}")).collect();
        assert_eq!(places, ROWS);
        for (index, place) in Place::all().enumerate() {
            assert_eq!(usize::from(place.index()), index);
            assert_eq!(Place::from_index(place.index()), Some(place));
        }
    }
}
