//! Tables as Arrow C streams: <https://arrow.apache.org/docs/format/CStreamInterface.html>.
//!
//! One table is one batch of a struct, each column a child: `U` (text with offsets of 64 bits),
//! `l`, `g` or `b`. Numbers are not copied: an array keeps the table for as long as it is not
//! released. What is no value (empty text, NaN, an undecided truth) is null. Title, unit and
//! meaning of a column are the metadata of its field.
//!
//! This is the one module with unsafe code: the interface is made of pointers. What every function
//! here relies on is what the interface promises: structures are those that were made here, and
//! each is released once, by the callback in it, which takes itself out.

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::Arc;

use detente::table::{Cells, Field, Kind, Table};

/// The name of the capsule.
pub const STREAM: &CStr = c"arrow_array_stream";
/// The flag of a column that may hold nulls.
const NULLABLE: i64 = 2;

type Release<T> = Option<unsafe extern "C" fn(*mut T)>;

/// `ArrowSchema`.
#[repr(C)]
struct Schema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut Schema,
    dictionary: *mut Schema,
    release: Release<Schema>,
    held: *mut c_void,
}

/// `ArrowArray`.
#[repr(C)]
struct Array {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut Array,
    dictionary: *mut Array,
    release: Release<Array>,
    held: *mut c_void,
}

/// `ArrowArrayStream`.
#[repr(C)]
pub struct Stream {
    get_schema: unsafe extern "C" fn(*mut Stream, *mut Schema) -> c_int,
    get_next: unsafe extern "C" fn(*mut Stream, *mut Array) -> c_int,
    get_last_error: unsafe extern "C" fn(*mut Stream) -> *const c_char,
    release: Release<Stream>,
    held: *mut c_void,
}

// SAFETY: what it points to is a `Streamed`, which may go to another thread.
unsafe impl Send for Stream {}

impl Drop for Stream {
    fn drop(&mut self) {
        // whoever took the stream out of the capsule has taken `release` with it
        if let Some(release) = self.release {
            // SAFETY: it was not released yet.
            unsafe { release(self) }
        }
    }
}

/// What a stream holds.
struct Streamed {
    table: Arc<Table>,
    given: bool,
}

/// What a schema holds.
struct Described {
    name: CString,
    metadata: Vec<u8>,
    children: Vec<*mut Schema>,
}

/// What an array holds: the table, if numbers of it are used, and what was made of others.
#[derive(Default)]
struct Buffers {
    table: Option<Arc<Table>>,
    valid: Vec<u8>,
    offsets: Vec<i64>,
    bytes: Vec<u8>,
    pointers: Vec<*const c_void>,
    children: Vec<*mut Array>,
}

impl Stream {
    /// The stream of a table.
    pub fn of(table: Arc<Table>) -> Stream {
        let held = Box::new(Streamed { table, given: false });
        Stream {
            get_schema,
            get_next,
            get_last_error,
            release: Some(release_stream),
            held: Box::into_raw(held).cast(),
        }
    }
}

unsafe extern "C" fn get_schema(stream: *mut Stream, out: *mut Schema) -> c_int {
    // SAFETY: the stream was made by `Stream::of` and is not released; `out` can be written to.
    unsafe {
        let streamed = &*(*stream).held.cast::<Streamed>();
        let fields = streamed.table.schema().fields();
        let children = fields.iter().map(|field| Box::into_raw(Box::new(Schema::of(field))));
        let whole = Described {
            name: CString::default(),
            metadata: metadata(&[("description", streamed.table.schema().description())]),
            children: children.collect(),
        };
        ptr::write(out, Schema::made(c"+s", 0, whole));
    }
    0
}

unsafe extern "C" fn get_next(stream: *mut Stream, out: *mut Array) -> c_int {
    // SAFETY: as in `get_schema`.
    unsafe {
        let streamed = &mut *(*stream).held.cast::<Streamed>();
        let next = match std::mem::replace(&mut streamed.given, true) {
            true => Array::END,
            false => Array::of(&streamed.table),
        };
        ptr::write(out, next);
    }
    0
}

unsafe extern "C" fn get_last_error(_: *mut Stream) -> *const c_char {
    ptr::null()
}

unsafe extern "C" fn release_stream(stream: *mut Stream) {
    // SAFETY: the stream was made by `Stream::of` and is released once.
    unsafe {
        drop(Box::from_raw((*stream).held.cast::<Streamed>()));
        (*stream).release = None;
    }
}

unsafe extern "C" fn release_schema(schema: *mut Schema) {
    // SAFETY: the schema was made by `Schema::made` and is released once; a child whose `release`
    // is gone was taken by somebody else, but for its structure.
    unsafe {
        let described = Box::from_raw((*schema).held.cast::<Described>());
        for child in described.children {
            let mut child = Box::from_raw(child);
            if let Some(release) = child.release {
                release(&mut *child);
            }
        }
        (*schema).release = None;
    }
}

unsafe extern "C" fn release_array(array: *mut Array) {
    // SAFETY: as in `release_schema`, with `Array::made`.
    unsafe {
        let buffers = Box::from_raw((*array).held.cast::<Buffers>());
        for child in buffers.children.iter().copied() {
            let mut child = Box::from_raw(child);
            if let Some(release) = child.release {
                release(&mut *child);
            }
        }
        (*array).release = None;
    }
}

impl Schema {
    fn of(field: &Field) -> Schema {
        let format = match field.kind {
            Kind::Text => c"U",
            Kind::Integer => c"l",
            Kind::Number => c"g",
            Kind::Truth => c"b",
        };
        let told = [
            ("title", field.title.as_deref().unwrap_or_default()),
            ("unit", field.unit.as_deref().unwrap_or_default()),
            ("description", field.meaning.as_str()),
        ];
        let name = CString::new(field.name.replace('\0', "")).unwrap_or_default();
        let described = Described { name, metadata: metadata(&told), children: Vec::new() };
        Schema::made(format, NULLABLE, described)
    }

    fn made(format: &'static CStr, flags: i64, described: Described) -> Schema {
        let mut held = Box::new(described);
        Schema {
            format: format.as_ptr(),
            name: held.name.as_ptr(),
            metadata: held.metadata.as_ptr().cast(),
            flags,
            n_children: held.children.len() as i64,
            children: held.children.as_mut_ptr(),
            dictionary: ptr::null_mut(),
            release: Some(release_schema),
            held: Box::into_raw(held).cast(),
        }
    }
}

impl Array {
    /// There are no more batches.
    const END: Array = Array {
        length: 0,
        null_count: 0,
        offset: 0,
        n_buffers: 0,
        n_children: 0,
        buffers: ptr::null_mut(),
        children: ptr::null_mut(),
        dictionary: ptr::null_mut(),
        release: None,
        held: ptr::null_mut(),
    };

    /// All rows of a table.
    fn of(table: &Arc<Table>) -> Array {
        let columns = table.columns();
        let children =
            columns.map(|(_, cells)| Box::into_raw(Box::new(Array::column(table, cells))));
        let buffers = Buffers {
            pointers: vec![ptr::null()],
            children: children.collect(),
            ..Buffers::default()
        };
        Array::made(table.rows(), 0, buffers)
    }

    fn column(table: &Arc<Table>, cells: &Cells) -> Array {
        let mut buffers = Buffers::default();
        let nulls = match cells {
            Cells::Text(all) => buffers.valid(all.iter().map(|text| !text.is_empty())),
            Cells::Integer(_) => 0,
            Cells::Number(all) => buffers.valid(all.iter().map(|x| !x.is_nan())),
            Cells::Truth(all) => buffers.valid(all.iter().map(Option::is_some)),
        };
        let valid = if nulls == 0 { ptr::null() } else { buffers.valid.as_ptr().cast() };
        buffers.pointers.push(valid);
        match cells {
            Cells::Text(all) => {
                buffers.offsets.push(0);
                for text in all {
                    buffers.bytes.extend_from_slice(text.as_bytes());
                    buffers.offsets.push(buffers.bytes.len() as i64);
                }
                buffers.pointers.push(buffers.offsets.as_ptr().cast());
                buffers.pointers.push(buffers.bytes.as_ptr().cast());
            }
            Cells::Integer(all) => buffers.keep(table, all.as_ptr().cast()),
            Cells::Number(all) => buffers.keep(table, all.as_ptr().cast()),
            Cells::Truth(all) => {
                buffers.bytes = bits(all.iter().map(|truth| *truth == Some(true)));
                buffers.pointers.push(buffers.bytes.as_ptr().cast());
            }
        }
        Array::made(cells.len(), nulls, buffers)
    }

    fn made(length: usize, nulls: usize, buffers: Buffers) -> Array {
        let mut held = Box::new(buffers);
        Array {
            length: length as i64,
            null_count: nulls as i64,
            offset: 0,
            n_buffers: held.pointers.len() as i64,
            n_children: held.children.len() as i64,
            buffers: held.pointers.as_mut_ptr(),
            children: held.children.as_mut_ptr(),
            dictionary: ptr::null_mut(),
            release: Some(release_array),
            held: Box::into_raw(held).cast(),
        }
    }
}

impl Buffers {
    /// Notes which cells have a value; returns how many have none.
    fn valid(&mut self, cells: impl Iterator<Item = bool> + Clone) -> usize {
        self.valid = bits(cells.clone());
        cells.filter(|valid| !valid).count()
    }

    /// Points to numbers of a table, which is kept for that. They do not move: nobody changes a
    /// table behind an `Arc`.
    fn keep(&mut self, table: &Arc<Table>, numbers: *const c_void) {
        self.table = Some(Arc::clone(table));
        self.pointers.push(numbers);
    }
}

/// Truths as bits, the first one lowest.
fn bits(all: impl Iterator<Item = bool>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, bit) in all.enumerate() {
        if at % 8 == 0 {
            bytes.push(0);
        }
        if let Some(last) = bytes.last_mut() {
            *last |= u8::from(bit) << (at % 8);
        }
    }
    bytes
}

/// Names with texts, as the interface writes them; those without a text are left out.
fn metadata(pairs: &[(&str, &str)]) -> Vec<u8> {
    let told = pairs.iter().filter(|(_, text)| !text.is_empty());
    let length = |n: usize| (n as i32).to_ne_bytes();
    let mut bytes = length(told.clone().count()).to_vec();
    for text in told.flat_map(|(name, text)| [name, text]) {
        bytes.extend_from_slice(&length(text.len()));
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}
