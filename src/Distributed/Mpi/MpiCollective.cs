using System.Diagnostics;
using System.Text;

namespace IlgpuSpp.Distributed.Mpi;

/// <summary>
/// The ranks that <c>mpirun</c> or <c>srun</c> started. All operations are started without blocking and polled, so that a rank that hangs is noticed:
/// after the time-out the ranks call a roll, and rank 0 knows who did not answer.
/// </summary>
public sealed unsafe class MpiCollective : ICollective
{
    private const int RollTag = 7, HostBytes = 256;
    private static readonly TimeSpan RollCall = TimeSpan.FromSeconds(8), Delay = TimeSpan.FromSeconds(4);

    private readonly MpiLibrary _library;
    private readonly TimeSpan _timeout;
    private bool _ended;

    private MpiCollective(MpiLibrary library, TimeSpan timeout)
    {
        (_library, _timeout) = (library, timeout);
        (Rank, Size) = (library.Rank, library.Size);
        Hosts = [Environment.MachineName];
        if (Launcher.Find() is { } launcher && launcher.Size != Size)
            throw new DistributedException($"the launcher started {launcher.Size} processes ({launcher.Name}), but {library.Name} ({library.Version}) knows of {Size}: launcher and library are of two MPIs; start with the library's own mpirun, or name the launcher's library in {MpiLibrary.Variable}.");
        Span<byte> mine = stackalloc byte[HostBytes];
        mine.Clear();
        Encoding.UTF8.GetEncoder().Convert(Environment.MachineName, mine, flush: true, out _, out _, out _);
        byte[] all = new byte[Size * HostBytes];
        AllGather(mine, all);
        Hosts = [.. Enumerable.Range(0, Size).Select(rank => Encoding.UTF8.GetString(all, rank * HostBytes, HostBytes).TrimEnd('\0'))];
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Hosts { get; }

    /// <summary>The library that is used.</summary>
    public string Library => $"{_library.Version} ({_library.Name})";

    /// <summary>The library that would be used.</summary>
    /// <exception cref="DistributedException">There is none, or it cannot be used.</exception>
    public static string FindLibrary()
    {
        MpiLibrary library = MpiLibrary.Load();
        return $"{library.Version} ({library.Name})";
    }

    /// <summary>Joins the ranks. A process joins once, and leaves by <see cref="Dispose"/> on the same thread or by <see cref="Abort"/>.</summary>
    /// <param name="timeout">How long ranks wait for each other in one operation, above 0.</param>
    /// <exception cref="DistributedException">There is no library that can be used, or it is not the launcher's.</exception>
    public static MpiCollective Join(TimeSpan timeout)
    {
        MpiLibrary library = MpiLibrary.Load();
        library.Initialise();
        return new MpiCollective(library, timeout);
    }

    /// <summary>Ends all ranks at once.</summary>
    /// <param name="code">The exit code that the launcher gets.</param>
    public void Abort(int code)
    {
        _ended = true;
        _library.Abort(code);
    }

    /// <inheritdoc/>
    public void AllGather(ReadOnlySpan<byte> mine, Span<byte> all)
    {
        fixed (byte* from = mine, to = all) Wait(_library.AllGather(from, mine.Length, to));
    }

    /// <inheritdoc/>
    public void AllToAll(ReadOnlySpan<float> send, Span<float> receive)
    {
        fixed (float* from = send, to = receive) Wait(_library.AllToAll(from, send.Length / Size, to));
    }

    /// <inheritdoc/>
    public void AllReduce(Span<float> values)
    {
        fixed (float* place = values) Wait(_library.AllReduce(place, values.Length));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ended) return;
        _ended = true;
        _library.Finish();
    }

    private void Wait(nint request)
    {
        long start = Stopwatch.GetTimestamp();
        while (!_library.Test(ref request))
        {
            if (Stopwatch.GetElapsedTime(start) > _timeout) CallRoll();
            // Gives way to the ranks and threads that compute, where there are more of them than processors.
            Thread.Yield();
        }
    }

    // The ranks that answer have all timed out, about when rank 0 did. What they send here is not waited for again: the run is over.
    private void CallRoll()
    {
        byte* bytes = stackalloc byte[Size];
        long start = Stopwatch.GetTimestamp();
        if (Rank != 0)
        {
            nint sent = _library.Send(bytes, 1, 0, RollTag);
            TimeSpan last = RollCall + Delay + TimeSpan.FromSeconds(Math.Min(Rank, 8));
            for (bool gone = false; Stopwatch.GetElapsedTime(start) < last; Thread.Sleep(1)) gone = gone || _library.Test(ref sent);
            throw Lost([0]);
        }
        var requests = new nint[Size];
        for (int rank = 1; rank < Size; rank++) requests[rank] = _library.Receive(bytes + rank, 1, rank, RollTag);
        var missing = new List<int>(Enumerable.Range(1, Size - 1));
        for (; missing.Count > 0 && Stopwatch.GetElapsedTime(start) < RollCall; Thread.Sleep(1))
            missing.RemoveAll(rank => _library.Test(ref requests[rank]));
        throw Lost(missing);
    }

    private RankLostException Lost(IReadOnlyList<int> ranks) => new(ranks, [.. ranks.Select(rank => Hosts[rank])], _timeout);
}
