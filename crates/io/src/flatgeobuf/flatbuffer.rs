//! Just enough of FlatBuffers to read tables, every offset checked against the bytes.

/// A table within a buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    at: usize,
    vtable: &'a [u8],
}

impl<'a> Table<'a> {
    /// The root table of a buffer; `None` when the bytes hold none.
    pub(super) fn root(bytes: &'a [u8]) -> Option<Table<'a>> {
        Table::at(bytes, u32_at(bytes, 0)? as usize)
    }

    fn at(bytes: &'a [u8], at: usize) -> Option<Table<'a>> {
        let back = i64::from(u32_at(bytes, at)? as i32);
        let vtable_at = usize::try_from(i64::try_from(at).ok()? - back).ok()?;
        let n = usize::from(u16_at(bytes, vtable_at)?);
        Some(Table { bytes, at, vtable: bytes.get(vtable_at..vtable_at + n)? })
    }

    /// Where field `i` stands; `None` when it has its default.
    fn field(&self, i: usize) -> Option<usize> {
        match u16_at(self.vtable, 4 + 2 * i)? {
            0 => None,
            offset => Some(self.at + usize::from(offset)),
        }
    }

    pub(super) fn u8(&self, i: usize) -> Option<u8> {
        self.bytes.get(self.field(i)?).copied()
    }

    pub(super) fn u16(&self, i: usize) -> Option<u16> {
        u16_at(self.bytes, self.field(i)?)
    }

    pub(super) fn i32(&self, i: usize) -> Option<i32> {
        u32_at(self.bytes, self.field(i)?).map(|v| v as i32)
    }

    pub(super) fn u64(&self, i: usize) -> Option<u64> {
        self.bytes.get(self.field(i)?..)?.first_chunk().map(|b| u64::from_le_bytes(*b))
    }

    pub(super) fn str(&self, i: usize) -> Option<&'a str> {
        std::str::from_utf8(self.vector(i, 1)?).ok()
    }

    /// The bytes of a vector of elements of `size` bytes; `None` when there is none or it is cut.
    pub(super) fn vector(&self, i: usize, size: usize) -> Option<&'a [u8]> {
        let (start, n) = self.vector_start(i)?;
        self.bytes.get(start..start.checked_add(n.checked_mul(size)?)?)
    }

    /// The tables of a vector of tables; a broken one is `None`.
    pub(super) fn tables(&self, i: usize) -> impl Iterator<Item = Option<Table<'a>>> + use<'a> {
        let bytes = self.bytes;
        let (start, n) = self.vector_start(i).unwrap_or((0, 0));
        // A count that promises more than the bytes hold ends with the first broken table.
        (0..n.min(bytes.len() / 4)).map(move |k| {
            let at = start + 4 * k;
            Table::at(bytes, at.checked_add(u32_at(bytes, at)? as usize)?)
        })
    }

    pub(super) fn table(&self, i: usize) -> Option<Table<'a>> {
        let at = self.field(i)?;
        Table::at(self.bytes, at.checked_add(u32_at(self.bytes, at)? as usize)?)
    }

    /// Whether a field is there, broken or not.
    pub(super) fn has(&self, i: usize) -> bool {
        self.field(i).is_some()
    }

    fn vector_start(&self, i: usize) -> Option<(usize, usize)> {
        let at = self.field(i)?;
        let vector = at.checked_add(u32_at(self.bytes, at)? as usize)?;
        Some((vector + 4, u32_at(self.bytes, vector)? as usize))
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|b| u16::from_le_bytes(*b))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_le_bytes(*b))
}
