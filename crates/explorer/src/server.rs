//! Listening on 127.0.0.1 until the process ends.

use crate::{
    error::ExplorerError,
    guard::{Names, guard},
    http::serve_connection,
    router::router,
    run::ExploredRun,
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use whitespot_model::result::RunResult;

/// Serves a finished run on `http://127.0.0.1:PORT/` (0 takes any free port) and calls `on_ready` with the address;
/// returns only where it cannot start. `folder` is the results folder, of which the published layers are read
/// and, for the page's map, the settlements in `internal/`.
///
/// # Errors
/// The port is taken, the system gives no threads, or the result does not fit together.
pub fn serve(
    folder: PathBuf,
    result: RunResult,
    port: u16,
    on_ready: impl FnOnce(SocketAddr),
) -> Result<(), ExplorerError> {
    let run = Arc::new(ExploredRun::new(folder, result)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(ExplorerError::Runtime)?;
    runtime.block_on(async move {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let wrong = |source| ExplorerError::Port { address, source };
        let listener = tokio::net::TcpListener::bind(address).await.map_err(wrong)?;
        let address = listener.local_addr().map_err(wrong)?;
        let guarded = router(run).layer(axum::middleware::from_fn_with_state(Names::of(address), guard));
        on_ready(address);
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(serve_connection(stream, guarded.clone()));
                }
                // Out of file handles: wait for some to be freed rather than spin.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    })
}
