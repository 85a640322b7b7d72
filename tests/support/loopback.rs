//! A loopback listener: each connection is answered by a thread of its own.

use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The listener. Dropping it ends every conversation.
pub struct Loopback {
    address: SocketAddr,
    open: Arc<Mutex<Open>>,
}

#[derive(Default)]
struct Open {
    connections: Vec<TcpStream>,
    is_closed: bool,
}

impl Loopback {
    /// Answers connections like this. An error is a client that went away: its test will say so.
    pub fn start(
        converse: impl Fn(&TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let open: Arc<Mutex<Open>> = Arc::default();
        let (shared, converse) = (open.clone(), Arc::new(converse));
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let Ok(connection) = connection else { continue };
                let mut open = lock(&shared);
                if open.is_closed {
                    return;
                }
                open.connections.extend(connection.try_clone());
                drop(open);
                let converse = converse.clone();
                std::thread::spawn(move || {
                    connection.set_nodelay(true)?;
                    converse(&connection)?;
                    connection.shutdown(Shutdown::Both)
                });
            }
        });
        Self { address, open }
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        open.is_closed = true;
        for connection in open.connections.drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
        drop(open);
        // Wakes the listener.
        let _ = TcpStream::connect(self.address);
    }
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}
