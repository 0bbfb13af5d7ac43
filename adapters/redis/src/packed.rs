//! MessagePack, as `cmsgpack` of Redis's Lua reads it: what scripts are given.

/// A value in MessagePack, as far as it is written.
#[derive(Default)]
pub(crate) struct Packed(Vec<u8>);

impl Packed {
    /// An array, whose `length` items follow.
    pub(crate) fn array(&mut self, length: usize) -> &mut Self {
        self.head(length, (0x90, 15), None, [0xdc, 0xdd])
    }

    /// A text or bytes.
    pub(crate) fn text(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        let bytes = bytes.as_ref();
        self.head(bytes.len(), (0xa0, 31), Some(0xd9), [0xda, 0xdb]);
        self.0.extend_from_slice(bytes);
        self
    }

    /// An array of texts.
    pub(crate) fn texts<T: AsRef<[u8]>>(
        &mut self,
        texts: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
    ) -> &mut Self {
        let texts = texts.into_iter();
        self.array(texts.len());
        for text in texts {
            self.text(text);
        }
        self
    }

    /// A number of what is in hand.
    pub(crate) fn count(&mut self, count: usize) -> &mut Self {
        self.0.push(0xcf);
        self.0.extend_from_slice(&(count as u64).to_be_bytes());
        self
    }

    /// A boolean. NULL would be a hole in a Lua array: what is not there is `false`.
    pub(crate) fn flag(&mut self, flag: bool) -> &mut Self {
        self.0.push(if flag { 0xc3 } else { 0xc2 });
        self
    }

    /// A text, or `false` for none.
    pub(crate) fn optional(&mut self, bytes: Option<impl AsRef<[u8]>>) -> &mut Self {
        match bytes {
            Some(bytes) => self.text(bytes),
            None => self.flag(false),
        }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// A length behind its tag: in the tag itself up to a bound, else in one, two or four bytes.
    fn head(&mut self, length: usize, (base, most): (u8, usize), byte: Option<u8>, longer: [u8; 2]) -> &mut Self {
        match (u8::try_from(length), u16::try_from(length), byte) {
            (Ok(short), ..) if length <= most => self.0.push(base | short),
            (Ok(short), _, Some(tag)) => self.0.extend([tag, short]),
            (_, Ok(middle), _) => {
                self.0.push(longer[0]);
                self.0.extend(middle.to_be_bytes());
            }
            _ => {
                // What takes more than four bytes is beyond what Redis takes as one argument.
                self.0.push(longer[1]);
                self.0.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_in_the_shortest_form_that_holds_them() {
        let mut packed = Packed::default();
        packed.array(2).text("ab").flag(false).optional(None::<&str>).count(7);
        assert_eq!(packed.into_bytes(), [0x92, 0xa2, b'a', b'b', 0xc2, 0xc2, 0xcf, 0, 0, 0, 0, 0, 0, 0, 7]);
        for (length, head) in
            [(31, vec![0xbf]), (32, vec![0xd9, 32]), (256, vec![0xda, 1, 0]), (65_536, vec![0xdb, 0, 1, 0, 0])]
        {
            let mut packed = Packed::default();
            packed.text(vec![b'x'; length]);
            assert_eq!(packed.into_bytes()[..head.len()], head, "{length}");
        }
        let mut packed = Packed::default();
        packed.array(16);
        assert_eq!(packed.into_bytes(), [0xdc, 0, 16]);
    }
}
