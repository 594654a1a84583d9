//! The element and attribute names that matter here, as small numbers.

/// What the name of a tag or attribute is compared by: its length, and its first eight bytes in lower case.
///
/// A name of at most eight bytes is equal to another if both numbers are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) len: usize,
    pub(super) bytes: u64,
}

impl Key {
    /// The key of a name that is all there.
    pub(super) const fn of(name: &[u8]) -> Self {
        let mut key = Self { len: 0, bytes: 0 };
        while key.len < name.len() {
            key = key.with(LOWER[name[key.len] as usize]);
        }
        key
    }

    /// The key once one more byte, already in lower case, has come.
    pub(super) const fn with(self, byte: u8) -> Self {
        Self { len: self.len + 1, bytes: self.bytes << 8 | byte as u64 }
    }
}

/// Lower case; NUL, which the tokenizer replaces by U+FFFD, is given a byte that no name here has.
const LOWER: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).to_ascii_lowercase();
        byte += 1;
    }
    table[0] = 0xff;
    table
};

const fn ending_at(ends: &[u8]) -> [u8; 256] {
    let mut table = LOWER;
    let mut at = 0;
    while at < ends.len() {
        table[ends[at] as usize] = 0;
        at += 1;
    }
    table
}

/// For each byte of a tag's name its lower case, 0 where the name ends.
pub(super) const TAG_NAME: [u8; 256] = ending_at(b"\t\n\x0c\r />");

/// For each byte of an attribute's name its lower case, 0 where the name ends.
pub(super) const ATTRIBUTE_NAME: [u8; 256] = ending_at(b"\t\n\x0c\r />=");

/// The longest name that is told from others.
pub(super) const LONGEST_NAME: usize = 22;

macro_rules! names {
    ($(#[$doc:meta])* $kind:ident { $($variant:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub(super) enum $kind { $($variant,)* }

        impl $kind {
            /// How many there are.
            pub(super) const COUNT: usize = [$(Self::$variant),*].len();

            /// The name in lower case.
            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The one whose name this is, the key being that of `name`.
            #[inline]
            pub(super) fn find(key: Key, name: &[u8]) -> Option<Self> {
                const ALL: [$kind; $kind::COUNT] = [$($kind::$variant),*];
                static TABLE: Table<{ $kind::COUNT }> = Table::of([$($name),*]);
                let index = TABLE.find(key, name)?;
                ALL.get(index).copied()
            }
        }
    };
}

/// Names by key: a hash without collisions, found when this is compiled.
struct Table<const COUNT: usize> {
    keys: [Key; COUNT],
    names: [&'static str; COUNT],
    multiplier: u64,
    slots: [u8; SLOTS],
}

/// So many that a multiplier that keeps all names apart is soon found.
const SLOTS: usize = 2048;

impl<const COUNT: usize> Table<COUNT> {
    const fn of(names: [&'static str; COUNT]) -> Self {
        let mut keys = [Key { len: 0, bytes: 0 }; COUNT];
        let mut at = 0;
        while at < COUNT {
            keys[at] = Key::of(names[at].as_bytes());
            at += 1;
        }
        let mut multiplier = 0x9e37_79b9_7f4a_7c15_u64;
        loop {
            if let Some(slots) = slots(&keys, multiplier) {
                return Self { keys, names, multiplier, slots };
            }
            multiplier = multiplier.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(2);
        }
    }

    #[inline]
    fn find(&self, key: Key, name: &[u8]) -> Option<usize> {
        let index = usize::from(self.slots[slot(key.bytes, self.multiplier)]);
        let same = *self.keys.get(index)? == key
            && (key.len <= 8 || name.get(..key.len)?.eq_ignore_ascii_case(self.names[index].as_bytes()));
        same.then_some(index)
    }
}

const fn slot(bytes: u64, multiplier: u64) -> usize {
    (bytes.wrapping_mul(multiplier) >> 53) as usize
}

/// For each slot the index of its name, one that there is not for none; `None` if two names fall on one slot.
const fn slots(keys: &[Key], multiplier: u64) -> Option<[u8; SLOTS]> {
    let mut slots = [u8::MAX; SLOTS];
    let mut at = 0;
    while at < keys.len() {
        let slot = slot(keys[at].bytes, multiplier);
        if slots[slot] != u8::MAX {
            return None;
        }
        slots[slot] = at as u8;
        at += 1;
    }
    Some(slots)
}

names! {
    /// An element that something here depends on, and `Other` for all the others.
    Element {
        A = "a", Applet = "applet", AnnotationXml = "annotation-xml", Area = "area", Audio = "audio", B = "b",
        Base = "base", Bgsound = "bgsound", Big = "big", Blockquote = "blockquote", Body = "body", Br = "br",
        Button = "button", Center = "center", Code = "code", Dd = "dd", Del = "del", Desc = "desc", Div = "div",
        Dl = "dl", Dt = "dt", Em = "em", Embed = "embed", FeImage = "feimage", Font = "font",
        ForeignObject = "foreignobject", Form = "form", Frame = "frame", Frameset = "frameset", H1 = "h1", H2 = "h2", H3 = "h3",
        H4 = "h4", H5 = "h5", H6 = "h6", Head = "head", Hr = "hr", Html = "html", I = "i", Iframe = "iframe",
        Image = "image", Img = "img", Input = "input", Ins = "ins", Keygen = "keygen", Li = "li", Link = "link",
        Listing = "listing", Malignmark = "malignmark", Marquee = "marquee", Math = "math", Menu = "menu", Meta = "meta",
        Mglyph = "mglyph", Mi = "mi", Mn = "mn", Mo = "mo", Ms = "ms", Mtext = "mtext", Nobr = "nobr",
        Noembed = "noembed", Noframes = "noframes", Object = "object", Ol = "ol", P = "p",
        Plaintext = "plaintext", Pre = "pre", Q = "q", Ruby = "ruby", S = "s", Script = "script", Select = "select",
        Small = "small", Source = "source", Span = "span", Strike = "strike", Strong = "strong",
        Style = "style", Sub = "sub", Sup = "sup", Svg = "svg", Table = "table", Td = "td",
        Template = "template", Textarea = "textarea", Th = "th", Title = "title", Tr = "tr", Track = "track",
        Tt = "tt", U = "u", Ul = "ul", Use = "use", Var = "var", Video = "video", Wbr = "wbr", Xmp = "xmp",
        // Those from here on are blocks of text, and nothing else: see `is_plain`.
        Address = "address", Article = "article", Aside = "aside", Caption = "caption", Details = "details",
        Dialog = "dialog", Fieldset = "fieldset", Figcaption = "figcaption", Figure = "figure", Footer = "footer",
        Header = "header", Hgroup = "hgroup", Legend = "legend", Main = "main", Nav = "nav", Search = "search",
        Section = "section", Summary = "summary",
        Other = "",
    }
}

names! {
    /// An attribute that something here depends on.
    Attribute {
        Action = "action", Alt = "alt", Archive = "archive", Background = "background", Cite = "cite",
        Classid = "classid", Codebase = "codebase", Color = "color", Content = "content", Data = "data",
        DataCrawlspaceIgnore = "data-crawlspace-ignore",
        Encoding = "encoding", Face = "face", Formaction = "formaction", Href = "href",
        HttpEquiv = "http-equiv", Id = "id", Imagesrcset = "imagesrcset", Longdesc = "longdesc",
        Lowsrc = "lowsrc", Manifest = "manifest", Name = "name", Ping = "ping",
        Pluginspage = "pluginspage", Poster = "poster", Profile = "profile", Property = "property",
        Rel = "rel", Shadowrootmode = "shadowrootmode", Size = "size", Src = "src", Srcset = "srcset",
        Style = "style", Title = "title", Type = "type",
        Usemap = "usemap", XlinkHref = "xlink:href",
    }
}

/// A set of attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Attributes(u64);

impl Attributes {
    pub(super) const NONE: Self = Self(0);
    /// Those of every element.
    const GLOBAL: Self = Self::of(&[Attribute::Id, Attribute::Style, Attribute::DataCrawlspaceIgnore]);

    const fn of(attributes: &[Attribute]) -> Self {
        let mut set = 0;
        let mut at = 0;
        while at < attributes.len() {
            set |= 1 << attributes[at] as u64;
            at += 1;
        }
        Self(set)
    }

    #[inline]
    pub(super) const fn has(self, attribute: Attribute) -> bool {
        self.0 >> attribute as u64 & 1 == 1
    }

    #[inline]
    pub(super) const fn with(self, attribute: Attribute) -> Self {
        Self(self.0 | 1 << attribute as u64)
    }
}

impl Element {
    /// The element with this name, [`Element::Other`] for the many that nothing depends on.
    #[inline]
    pub(super) fn of(key: Key, name: &[u8]) -> Self {
        Self::find(key, name).unwrap_or(Self::Other)
    }

    /// The same in XML, where the case of a name counts.
    pub(super) fn of_xml(key: Key, name: &[u8]) -> Self {
        let element = Self::of(key, name);
        let wanted = match element {
            Self::ForeignObject => "foreignObject",
            Self::FeImage => "feImage",
            _ => element.name(),
        };
        if name.get(..key.len) == Some(wanted.as_bytes()) { element } else { Self::Other }
    }

    /// Whether links and fragment targets depend on no more than its attributes.
    #[inline]
    pub(super) const fn is_plain(self) -> bool {
        self as u8 >= Self::Address as u8
    }

    /// Which of its attributes are of use, whatever namespace it turns out to be in.
    #[inline]
    pub(super) fn attributes(self) -> Attributes {
        WANTED[self as usize]
    }
}

impl Attribute {
    /// The attribute with this name in XML, where the case of a name counts.
    pub(super) fn of_xml(key: Key, name: &[u8]) -> Option<Self> {
        Self::find(key, name).filter(|attribute| name.get(..key.len) == Some(attribute.name().as_bytes()))
    }
}

static WANTED: [Attributes; Element::COUNT] = {
    let mut table = [Attributes::GLOBAL; Element::COUNT];
    let mut at = 0;
    while at < ROWS.len() {
        let (element, attributes) = ROWS[at];
        table[element as usize] = Attributes(Attributes::GLOBAL.0 | Attributes::of(attributes).0);
        at += 1;
    }
    table
};

const ROWS: &[(Element, &[Attribute])] = {
    use Attribute as At;
    use Element as El;
    &[
        (El::A, &[At::Href, At::XlinkHref, At::Name, At::Ping, At::Rel]),
        (El::Applet, &[At::Codebase, At::Archive]),
        (El::AnnotationXml, &[At::Encoding]),
        (El::Area, &[At::Href, At::Ping, At::Rel, At::Alt]),
        (El::Audio, &[At::Src]),
        (El::Base, &[At::Href]),
        (El::Bgsound, &[At::Src]),
        (El::Blockquote, &[At::Cite]),
        (El::Body, &[At::Background]),
        (El::Button, &[At::Formaction]),
        (El::Del, &[At::Cite]),
        (El::Embed, &[At::Src, At::Pluginspage]),
        (El::FeImage, &[At::Href, At::XlinkHref]),
        (El::Font, &[At::Color, At::Face, At::Size]),
        (El::Form, &[At::Action, At::Rel]),
        (El::Frame, &[At::Src, At::Longdesc, At::Title]),
        (El::Head, &[At::Profile]),
        (El::Html, &[At::Manifest]),
        (El::Iframe, &[At::Src, At::Longdesc, At::Title]),
        (
            El::Image,
            &[At::Href, At::XlinkHref, At::Src, At::Srcset, At::Alt, At::Lowsrc, At::Longdesc, At::Usemap],
        ),
        (El::Img, &[At::Src, At::Srcset, At::Alt, At::Lowsrc, At::Longdesc, At::Usemap]),
        (El::Input, &[At::Type, At::Src, At::Formaction, At::Usemap, At::Alt]),
        (El::Ins, &[At::Cite]),
        (El::Link, &[At::Href, At::Imagesrcset, At::Rel, At::Title]),
        (El::Meta, &[At::HttpEquiv, At::Content, At::Name, At::Property]),
        (El::Object, &[At::Data, At::Codebase, At::Archive, At::Classid, At::Usemap, At::Title]),
        (El::Q, &[At::Cite]),
        (El::Script, &[At::Src, At::Href, At::Type, At::XlinkHref]),
        (El::Source, &[At::Src, At::Srcset]),
        (El::Style, &[At::Type]),
        (El::Table, &[At::Background]),
        (El::Td, &[At::Background]),
        (El::Template, &[At::Shadowrootmode]),
        (El::Th, &[At::Background]),
        (El::Tr, &[At::Background]),
        (El::Track, &[At::Src]),
        (El::Use, &[At::Href, At::XlinkHref]),
        (El::Video, &[At::Src, At::Poster]),
    ]
};

#[cfg(test)]
mod tests {
    use super::{Attribute, Element, Key, LONGEST_NAME};

    #[test]
    fn names_are_found_in_any_case_and_nothing_else_is() {
        let known = ["a", "ANNOTATION-XML", "ForeignObject", "blockquote", "plaintext", "Malignmark", "h6"];
        for name in known {
            let found = Element::of(Key::of(name.as_bytes()), name.as_bytes());
            assert!(found.name().eq_ignore_ascii_case(name), "{name} was taken for {found:?}");
            assert!(name.len() <= LONGEST_NAME);
        }
        for name in ["", "aa", "h\x11", "xlaintext", "xblockquote", "annotation-xmx", "\0a", "foreignobjecu"]
        {
            assert_eq!(Element::of(Key::of(name.as_bytes()), name.as_bytes()), Element::Other, "{name}");
        }
        for name in
            ["formaction", "imagesrcset", "XLINK:HREF", "http-equiv", "id", "background", "pluginspage"]
        {
            let found = Attribute::find(Key::of(name.as_bytes()), name.as_bytes());
            assert!(found.is_some_and(|found| found.name().eq_ignore_ascii_case(name)), "{name}");
        }
        assert_eq!(Attribute::find(Key::of(b"mformaction"), b"mformaction"), None);
    }
}
