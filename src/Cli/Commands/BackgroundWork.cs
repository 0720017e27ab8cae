namespace IlgpuSpp.Cli.Commands;

/// <summary>Work on a thread that does not keep the process alive, so that a signal need not wait for it.</summary>
internal static class BackgroundWork
{
    // What the system gives a process's first thread; others get less.
    private const int StackBytes = 8 << 20;

    /// <summary>Starts it.</summary>
    public static Task<T> Start<T>(Func<T> work)
    {
        var result = new TaskCompletionSource<T>();
        new Thread(() =>
        {
            try
            {
                result.SetResult(work());
            }
#pragma warning disable CA1031 // Whoever waits gets it.
            catch (Exception error)
#pragma warning restore CA1031
            {
                result.SetException(error);
            }
        }, StackBytes) { IsBackground = true }.Start();
        return result.Task;
    }

    /// <summary>Does what cannot be cancelled, such as reading from a pipe or a slow disk, and waits for it no longer than until the token is.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public static T Wait<T>(Func<T> read, CancellationToken interrupt) => Start(read).WaitAsync(interrupt).GetAwaiter().GetResult();
}
