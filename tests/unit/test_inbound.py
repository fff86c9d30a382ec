"""What a reader's WebSocket brings in, against how the bytes were cut and against the
``websockets`` library, which the endpoint asks."""

import itertools
import zlib

from hypothesis import example, given, settings
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode
from websockets.protocol import CONNECTING, OPEN
from websockets.server import ServerProtocol

from liveblog.server.protocol import Connection
from liveblog.wire.inbound import (
    ALLOWANCE,
    MAX_MESSAGE,
    START,
    TOO_MANY,
    Closed,
    Empty,
    Event,
    Inbound,
    Message,
    Ping,
    Pong,
    Refused,
    receive,
)
from tests.conformance.sending import (
    BINARY,
    CLOSE,
    CONT,
    PING,
    PONG,
    TEXT,
    bare,
    close,
    deflated,
    fragments,
    frame,
    header,
)


# Of a compressed message the library inflates each fragment as it comes, and we all at the end:
# broken ones are noticed at different times, so there are none here.
def frame_of(opcode: int, payload: bytes, fin: bool, rsv: int, mask: bytes) -> bytes:
    """A frame; a compressed one is a whole message."""
    return frame(opcode, payload, fin=fin or rsv == 4, rsv=rsv, mask=mask)


opcodes = st.sampled_from([CONT, TEXT, BINARY, CLOSE, PING, PONG, CONT, TEXT, 3, 11])
payloads = st.one_of(
    st.binary(max_size=20),
    st.text(max_size=10).map(str.encode),
    st.text(max_size=30).map(lambda text: deflated(text.encode())),
    st.integers(0, 5100).map(lambda code: close(code, b"why")),
    st.sampled_from([b"x" * 125, b"x" * 126, b"x" * 4000, b"x" * 4097, deflated(b"x" * 5000)]),
)
frames = st.builds(
    frame_of,
    opcodes,
    payloads,
    st.sampled_from([True, True, True, False]),
    st.sampled_from([0, 0, 0, 0, 4, 1]),
    st.binary(min_size=4, max_size=4),
)
sound = st.one_of(
    st.binary(max_size=125).map(lambda payload: frame(PING, payload)),
    st.binary(max_size=125).map(lambda payload: frame(PONG, payload)),
)
streams = st.lists(
    st.one_of(
        sound,
        frames,
        st.binary(max_size=12).filter(lambda data: data[:1] not in (b"\x41", b"\x42")),
        st.binary(max_size=9).map(lambda payload: bare(TEXT, payload)),
        st.lists(st.binary(max_size=9), min_size=1, max_size=4).map(
            lambda parts: fragments(TEXT, *parts, between=frame(PING, b"between"))
        ),
        st.integers(0, 2**40).map(lambda size: header(BINARY, size)),
    ),
    max_size=8,
).map(b"".join)
cuts = st.lists(st.integers(0, 600), max_size=8)


def pieces(data: bytes, at: list[int]) -> list[bytes]:
    """The data cut there."""
    places = [0, *sorted(one % (len(data) + 1) for one in at), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(places)]


def events_of(
    parts: list[bytes], deflate: bool, allowance: int = ALLOWANCE
) -> tuple[Inbound, list[Event]]:
    """What happens until the end of the stream, or of what came."""
    state = START
    events: list[Event] = []
    for part in parts:
        state, new = receive(state, part, deflate=deflate, allowance=allowance - len(events))
        events += new
        if events and isinstance(events[-1], Closed | Refused):
            break
        assert len(state.rest) <= MAX_MESSAGE + 14
        assert len(state.message) <= MAX_MESSAGE
    return state, events


@given(streams, cuts, st.booleans(), st.sampled_from([0, 1, 3, ALLOWANCE, ALLOWANCE]))
@example(frame(PING, b"a") + frame(TEXT, b"b"), [1, 2, 3, 4, 5], False, 1)
def test_however_it_is_cut_the_same_happens(
    data: bytes, at: list[int], deflate: bool, allowance: int
) -> None:
    whole = events_of([data], deflate, allowance)
    assert len(whole[1]) <= allowance + 1
    assert events_of(pieces(data, at), deflate, allowance) == whole
    assert events_of([data[n : n + 1] for n in range(len(data))], deflate, allowance) == whole


@settings(max_examples=600, derandomize=True)
@given(streams, st.booleans())
def test_the_library_says_the_same(data: bytes, deflate: bool) -> None:
    ours = verdicts(events_of([data], deflate)[1])
    theirs = library(data, deflate)
    if ours != theirs and ours[-1:] == [1002]:
        # How soon a broken frame is noticed is open: some only when all of it has come.
        theirs = library(data + bytes(MAX_MESSAGE + 14), deflate)
        if theirs[-1:] in ([1007], [1009]):  # wrong in two ways
            theirs[-1] = 1002
    assert ours == theirs


def verdicts(events: list[Event]) -> list[object]:
    """The events without their words, a whole message as its code."""
    return [
        4500 if isinstance(one, Message) else one.code if isinstance(one, Refused) else one
        for one in events
        if not isinstance(one, Empty)
    ]


def library(data: bytes, deflate: bool) -> list[object]:
    """What ``websockets`` makes of the stream, with 4500 for each whole message."""
    conn = Connection(max_size=MAX_MESSAGE)
    assert conn.state is CONNECTING
    conn.state = OPEN
    conn.parser = ServerProtocol.__mro__[1].parse(conn)  # type: ignore[attr-defined]
    next(conn.parser)
    if deflate:
        conn.extensions = [PerMessageDeflate(True, True, 15, 12)]
    seen: list[object] = []
    message, kind = b"", Opcode.CONT
    for at in range(len(data)):
        conn.receive_data(data[at : at + 1])
        for event in conn.events_received():
            assert isinstance(event, Frame)
            if event.opcode is Opcode.PING:
                seen.append(Ping(bytes(event.data)))
            elif event.opcode is Opcode.PONG:
                seen.append(Pong())
            elif event.opcode is Opcode.CLOSE:
                return [*seen, Closed(bytes(event.data))]
            else:
                if event.opcode is not Opcode.CONT:
                    kind, message = event.opcode, b""
                message += bytes(event.data)
                if event.fin:
                    seen.append(judged(kind, message))
                    if seen[-1] != 4500:
                        return seen
        if conn.parser_exc is not None:
            assert conn.close_sent is not None
            return [*seen, conn.close_sent.code]
    return seen


def judged(kind: Opcode, message: bytes) -> int:
    """The code for a whole message."""
    try:
        if kind is Opcode.TEXT:
            message.decode()
    except UnicodeDecodeError:
        return 1007
    return 4500


def test_nothing_is_kept_after_the_end() -> None:
    for last in (frame(CLOSE), b"\xff\xff"):
        state, events = receive(START, frame(PING) + last + frame(PING, b"behind") * 50)
        assert state is START
        assert len(events) == 2


def test_the_close_behind_a_message_is_read() -> None:
    _, events = receive(START, frame(TEXT, b"x") * 2 + frame(CLOSE, close(1000)))
    assert events == [Message(), Message(), Closed(close(1000))]


def test_whole_frames_leave_nothing() -> None:
    state, _ = receive(START, frame(PING, b"x" * 125))
    assert state is START


def test_no_more_is_inflated_than_a_message_may_be() -> None:
    bomb = zlib.compressobj(wbits=-15)
    data = bomb.compress(b"\0" * 3_000_000) + bomb.flush(zlib.Z_SYNC_FLUSH)
    assert len(data) < MAX_MESSAGE
    _, events = receive(START, frame(BINARY, data[:-4], rsv=4), deflate=True)
    assert events == [Refused(1009, "message too big")]


def test_the_codes_of_a_close_are_the_librarys() -> None:
    for code in [*range(5200), 65535]:
        data = frame(CLOSE, close(code, b"why"))
        assert verdicts(receive(START, data)[1]) == library(data, False), code


def test_fragments_are_counted_together() -> None:
    for sizes, wanted in (([2000, 2096], 4500), ([2000, 2097], 1009), ([0, 4096, 0], 4500)):
        data = fragments(BINARY, *(bytes(size) for size in sizes))
        assert verdicts(receive(START, data)[1]) == library(data, False) == [wanted]


def test_what_brings_nothing_has_an_allowance() -> None:
    begun, nothing = frame(TEXT, b"a", fin=False), frame(CONT, fin=False)
    for first, more in ((b"", frame(PING)), (b"", frame(PONG, b"x")), (begun, nothing)):
        enough = first + more * ALLOWANCE
        _, events = receive(START, enough)
        assert len(events) == ALLOWANCE
        assert verdicts(events) == library(enough, False)
        # Whatever is behind the one too many is not read, a Close neither.
        _, flood = receive(START, enough + more * 5 + frame(CLOSE))
        assert flood == [*events, Refused(*TOO_MANY)]
        assert verdicts(flood) == library(enough + more * 5 + frame(CLOSE), False)


def test_the_bytes_of_a_message_are_bounded_and_take_nothing_of_it() -> None:
    _, events = receive(START, fragments(TEXT, *[b"x"] * MAX_MESSAGE), allowance=1)
    assert events == [Message()]
