namespace ILGPU.Runtime.CPU;

/// <summary>Threads that wait for a piece of work each; the first piece is done by the caller.</summary>
internal sealed class GroupThreads : IDisposable
{
    private readonly List<(Thread Thread, SemaphoreSlim Wake)> _threads = [];
    private readonly SemaphoreSlim _done = new(0);
    private Action<int>? _work;

    public void Run(int count, Action<int> work)
    {
        while (_threads.Count < count - 1)
        {
            int index = _threads.Count + 1;
            var wake = new SemaphoreSlim(0);
            var thread = new Thread(() => Wait(index, wake)) { IsBackground = true, Name = $"group thread {index}" };
            _threads.Add((thread, wake));
            thread.Start();
        }
        _work = work;
        for (int i = 0; i < count - 1; i++) _threads[i].Wake.Release();
        work(0);
        for (int i = 0; i < count - 1; i++) _done.Wait();
    }

    public void Dispose()
    {
        _work = null;
        foreach (var (thread, wake) in _threads)
        {
            wake.Release();
            thread.Join();
            wake.Dispose();
        }
        _threads.Clear();
        _done.Dispose();
    }

    private void Wait(int index, SemaphoreSlim wake)
    {
        while (true)
        {
            wake.Wait();
            if (_work is not { } work) return;
            work(index);
            _done.Release();
        }
    }
}
