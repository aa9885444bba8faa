use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use h2::client::SendRequest;
use h2::{Reason, client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::cases::Target;
use crate::client::{Http2, head_of};
use crate::message::Request;
use crate::report::Protocol;
use crate::soak::{PATIENCE, Phase, Soak};

/// Leaves in the middle of whatever it is at: a head, a body, a wait, a response.
pub(super) async fn leaves_connections(soak: Arc<Soak>, phase: watch::Receiver<Phase>) {
    let mut rng = Rng::with_seed(1);
    while *phase.borrow() == Phase::Load {
        let (name, sent, reads) = HALVES[rng.usize(..HALVES.len())];
        let address = soak.address(Target::Open);
        let left = async {
            let mut stream = TcpStream::connect(address).await?;
            stream.write_all(sent.as_bytes()).await?;
            if reads {
                stream.read_u8().await?;
            }
            if rng.bool() {
                // It is gone at once, and says so by a reset.
                stream.set_zero_linger()?;
            }
            io::Result::Ok(())
        };
        finish(&soak, name, Protocol::Http1, timeout(PATIENCE, left).await);
        sleep(PAUSE).await;
    }
}

/// Resets streams, and leaves connections with streams on them.
pub(super) async fn leaves_streams(soak: Arc<Soak>, phase: watch::Receiver<Phase>) {
    let mut rng = Rng::with_seed(2);
    while *phase.borrow() == Phase::Load {
        let address = soak.address(Target::Open);
        let left = async {
            let settings = client::Builder::new();
            let mut connection = Http2::connect(address, &settings).await?;
            for _ in 0..16 {
                let upload = rng.bool();
                leave_stream(&mut connection, upload, rng.bool())
                    .await
                    .map_err(io::Error::other)?;
            }
            io::Result::Ok(())
        };
        let name = "leaves streams";
        finish(&soak, name, Protocol::Http2, timeout(PATIENCE, left).await);
        sleep(PAUSE).await;
    }
}

async fn leave_stream(
    connection: &mut SendRequest<Bytes>,
    upload: bool,
    waits: bool,
) -> Result<(), h2::Error> {
    let (method, path) = match upload {
        true => ("POST", "/problem/api/media"),
        false => ("GET", "/problem/api/upstream/stream"),
    };
    let request = Request {
        method,
        path: path.to_owned(),
        fields: vec![("content-type", "application/json".to_owned())],
        body: Bytes::new(),
        chunked: false,
    };
    let Ok(head) = head_of(&request) else {
        return Ok(());
    };
    poll_fn(|cx| connection.poll_ready(cx)).await?;
    let (response, mut stream) = connection.send_request(head, !upload)?;
    if upload {
        stream.send_data(Bytes::from_static(b"{\"title\":"), false)?;
    } else if waits {
        response.await?;
    }
    stream.send_reset(Reason::CANCEL);
    Ok(())
}

fn finish<E: ToString>(
    soak: &Soak,
    name: &'static str,
    protocol: Protocol,
    left: Result<io::Result<()>, E>,
) {
    match left {
        Ok(Ok(())) => soak.report.count(name.to_owned(), protocol),
        Ok(Err(error)) => soak
            .report
            .fault_in(name, protocol, "an error", &error.to_string()),
        Err(late) => soak
            .report
            .fault_in(name, protocol, "no end", &late.to_string()),
    }
}

/// What is sent before it leaves, and whether it waits for some of the response.
const HALVES: [(&str, &str, bool); 5] = [
    (
        "leaves a head",
        "POST /ads/api/media HTTP/1.1\r\nhost: so",
        false,
    ),
    (
        "leaves a body",
        "POST /ads/api/media HTTP/1.1\r\nhost: soak\r\ncontent-type: application/json\r\n\
         content-length: 1000\r\n\r\n{\"title\":",
        false,
    ),
    (
        "leaves a wait",
        "GET /ads/api/upstream/slow HTTP/1.1\r\nhost: soak\r\n\r\n",
        false,
    ),
    (
        "leaves a response",
        "GET /ads/api/upstream/stream HTTP/1.1\r\nhost: soak\r\n\r\n",
        true,
    ),
    (
        "leaves several",
        "GET /ads/api/media/7 HTTP/1.1\r\nhost: soak\r\n\r\n\
         GET /problem/api/upstream/stall HTTP/1.1\r\nhost: soak\r\n\r\nGET ",
        true,
    ),
];
/// A port that was closed by its client cannot be used for a minute, and there are some 28,000.
const PAUSE: Duration = Duration::from_millis(10);
