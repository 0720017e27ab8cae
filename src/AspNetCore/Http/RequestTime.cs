using Microsoft.AspNetCore.Http;

namespace IlgpuSpp.AspNetCore;

/// <summary>How long a request may take, and what it is doing.</summary>
internal sealed class RequestTime : IDisposable
{
    private readonly CancellationTokenSource _end;
    private readonly CancellationToken _aborted;
    private volatile bool _computing;

    public RequestTime(TimeSpan limit, CancellationToken aborted)
    {
        _aborted = aborted;
        _end = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        _end.CancelAfter(limit);
    }

    /// <summary>Ends with the time, or when the client has gone.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>Whether the client has gone.</summary>
    public bool IsAborted => _aborted.IsCancellationRequested;

    /// <summary>Waits for an item's result.</summary>
    public async Task<TResult> WaitAsync<TItem, TResult>(PassQueue<TItem, TResult>.Ticket ticket)
    {
        try
        {
            return await ticket.ResultAsync(Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _computing |= ticket.HasStarted;
            throw;
        }
    }

    /// <summary>What is told where the time ran out.</summary>
    public RefusalException Refusal(TimeSpan limit) => _computing
        ? new RefusalException(StatusCodes.Status504GatewayTimeout, FormattableString.Invariant($"the model took longer than the {limit.TotalSeconds:0.###} seconds of a request; send a smaller image"))
        : new RefusalException(StatusCodes.Status503ServiceUnavailable, FormattableString.Invariant($"the request waited longer than its {limit.TotalSeconds:0.###} seconds; ask again in a moment")) { RetryAfter = 1 };

    public void Dispose() => _end.Dispose();
}
