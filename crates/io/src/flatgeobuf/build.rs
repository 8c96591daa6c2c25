//! Just enough of FlatBuffers to write tables: front to back, children after their parents.

/// A value of a table's field.
pub(super) enum Field<'a> {
    U8(u8),
    U16(u16),
    I32(i32),
    U64(u64),
    Text(&'a str),
    Bytes(&'a [u8]),
    Numbers(Vec<f64>),
    Ends(Vec<u32>),
    Table(Table<'a>),
    Tables(Vec<Table<'a>>),
}

/// A table with its fields by number; fields that are not there have their default.
#[derive(Default)]
pub(super) struct Table<'a> {
    fields: Vec<(usize, Field<'a>)>,
}

impl<'a> Table<'a> {
    /// Adds a field; numbers ascend.
    pub(super) fn with(mut self, number: usize, field: Field<'a>) -> Table<'a> {
        self.fields.push((number, field));
        self
    }

    /// The table as a buffer that begins with its own size.
    pub(super) fn size_prefixed(&self) -> Vec<u8> {
        let mut out = vec![0; 8];
        let root = write_table(&mut out, self);
        out[4..8].copy_from_slice(&((root - 4) as u32).to_le_bytes());
        // The size is a multiple of the largest alignment, so that buffers may follow one another.
        align(&mut out, 8, 0);
        let size = (out.len() - 4) as u32;
        out[..4].copy_from_slice(&size.to_le_bytes());
        out
    }
}

/// Pads so that what comes `ahead` bytes later stands at a multiple of `to`.
fn align(out: &mut Vec<u8>, to: usize, ahead: usize) {
    while !(out.len() + ahead).is_multiple_of(to) {
        out.push(0);
    }
}

/// Writes a table with all it holds; its place.
fn write_table(out: &mut Vec<u8>, table: &Table<'_>) -> usize {
    let n_fields = table.fields.iter().map(|(n, _)| n + 1).max().unwrap_or(0);
    // Largest first, so that each stands aligned; 4 bytes lead the table, then 8-byte values begin at 8.
    let mut order: Vec<usize> = (0..table.fields.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(size_of(&table.fields[i].1)));
    let mut offsets = vec![0_u16; n_fields];
    let mut end = 4;
    for &i in &order {
        let size = size_of(&table.fields[i].1);
        end = usize::next_multiple_of(end, size);
        offsets[table.fields[i].0] = end as u16;
        end += size;
    }
    let vtable_size = 4 + 2 * n_fields;
    align(out, 8, vtable_size);
    let vtable_at = out.len();
    out.extend((vtable_size as u16).to_le_bytes());
    out.extend((end as u16).to_le_bytes());
    offsets.iter().for_each(|o| out.extend(o.to_le_bytes()));
    let at = out.len();
    out.resize(at + end, 0);
    out[at..at + 4].copy_from_slice(&((at - vtable_at) as i32).to_le_bytes());
    for (number, field) in &table.fields {
        let here = at + usize::from(offsets[*number]);
        match field {
            Field::U8(v) => out[here] = *v,
            Field::U16(v) => out[here..here + 2].copy_from_slice(&v.to_le_bytes()),
            Field::I32(v) => out[here..here + 4].copy_from_slice(&v.to_le_bytes()),
            Field::U64(v) => out[here..here + 8].copy_from_slice(&v.to_le_bytes()),
            Field::Text(text) => {
                let child = write_bytes(out, text.as_bytes());
                // A text ends with a zero that its length does not count.
                out.push(0);
                point(out, here, child);
            }
            Field::Bytes(bytes) => {
                let child = write_bytes(out, bytes);
                point(out, here, child);
            }
            Field::Numbers(numbers) => {
                align(out, 8, 4);
                let child = out.len();
                out.extend((numbers.len() as u32).to_le_bytes());
                numbers.iter().for_each(|n| out.extend(n.to_le_bytes()));
                point(out, here, child);
            }
            Field::Ends(ends) => {
                align(out, 4, 0);
                let child = out.len();
                out.extend((ends.len() as u32).to_le_bytes());
                ends.iter().for_each(|n| out.extend(n.to_le_bytes()));
                point(out, here, child);
            }
            Field::Table(table) => {
                let child = write_table(out, table);
                point(out, here, child);
            }
            Field::Tables(tables) => {
                align(out, 4, 0);
                let list = out.len();
                out.extend((tables.len() as u32).to_le_bytes());
                out.resize(list + 4 + 4 * tables.len(), 0);
                point(out, here, list);
                for (i, table) in tables.iter().enumerate() {
                    let child = write_table(out, table);
                    point(out, list + 4 + 4 * i, child);
                }
            }
        }
    }
    at
}

fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) -> usize {
    align(out, 4, 0);
    let at = out.len();
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend(bytes);
    at
}

/// Sets the offset at `here` to what stands at `child`, further on.
fn point(out: &mut [u8], here: usize, child: usize) {
    out[here..here + 4].copy_from_slice(&((child - here) as u32).to_le_bytes());
}

/// Bytes of a field within its table.
fn size_of(field: &Field<'_>) -> usize {
    match field {
        Field::U8(_) => 1,
        Field::U16(_) => 2,
        Field::U64(_) => 8,
        _ => 4,
    }
}
