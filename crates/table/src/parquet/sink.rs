//! A file that remembers why writing failed, for an encoder that forgets it.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    sync::{Arc, Mutex, PoisonError},
};

/// The file; clones of `failure` see the first error.
pub(crate) struct Sink {
    file: BufWriter<File>,
    failure: Failure,
}

/// The first error of a [`Sink`].
#[derive(Clone, Default)]
pub(crate) struct Failure(Arc<Mutex<Option<io::Error>>>);

impl Sink {
    pub(crate) fn new(file: File) -> (Sink, Failure) {
        let failure = Failure::default();
        (Sink { file: BufWriter::new(file), failure: failure.clone() }, failure)
    }
}

impl Failure {
    /// Takes the error, if there was one.
    pub(crate) fn take(&self) -> Option<io::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Keeps the error and gives its likeness on.
    fn keep<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let likeness = io::Error::from(error.kind());
            if error.kind() != io::ErrorKind::Interrupted {
                self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            }
            likeness
        })
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.file.write(bytes);
        self.failure.keep(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.file.flush();
        self.failure.keep(result)
    }
}
