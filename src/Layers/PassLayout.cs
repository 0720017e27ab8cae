namespace IlgpuSpp.Layers;

/// <summary>
/// Where the tensors of a pass lie in one block of memory: those that are never needed at the same time may share it. Filled while a pass is planned without memory;
/// tensors are then placed from the longest to the shortest, each at the lowest place that is free all the time it is needed.
/// </summary>
internal sealed class PassLayout
{
    // Where vectors and cache lines begin.
    private const long Alignment = 64;

    private readonly List<Request> _requests = [];
    private int _time;
    private long[]? _places;

    /// <summary>Length of the block; known once <see cref="Place"/> was called.</summary>
    public long Length { get; private set; }

    /// <summary>Notes that a tensor is needed from now on.</summary>
    /// <returns>Its number.</returns>
    public int Begin(long length)
    {
        _requests.Add(new Request(_time++, int.MaxValue, (Math.Max(length, 1) + Alignment - 1) / Alignment * Alignment));
        return _requests.Count - 1;
    }

    /// <summary>Notes that a tensor is not needed any more.</summary>
    public void End(int number)
    {
        if (_requests[number].End == int.MaxValue) _requests[number] = _requests[number] with { End = _time++ };
    }

    /// <summary>First element of a tensor in the block.</summary>
    public long this[int number] => _places![number];

    /// <summary>Gives every tensor its place.</summary>
    public void Place()
    {
        _places = new long[_requests.Count];
        var placed = new List<(long Start, long End, Request Request)>();
        foreach (int number in Enumerable.Range(0, _requests.Count).OrderByDescending(i => _requests[i].Length).ThenBy(i => i))
        {
            Request request = _requests[number];
            long at = 0;
            // In the order of their places: the first gap that is long enough.
            foreach ((long start, long end, Request other) in placed)
            {
                if (other.Begin >= request.End || request.Begin >= other.End) continue;
                if (start >= at + request.Length) break;
                at = Math.Max(at, end);
            }
            _places[number] = at;
            int place = placed.FindIndex(one => one.Start > at);
            placed.Insert(place < 0 ? placed.Count : place, (at, at + request.Length, request));
            Length = Math.Max(Length, at + request.Length);
        }
    }

    // Needed from one moment of the planning up to another; length in elements.
    private readonly record struct Request(int Begin, int End, long Length);
}
