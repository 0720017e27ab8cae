using Microsoft.Extensions.Options;

namespace IlgpuSpp.AspNetCore;

/// <summary>What a server takes at a time: a number of images, and memory for them. Thread-safe.</summary>
internal sealed class Admission(IOptions<ServingOptions> options)
{
    private readonly int _limit = options.Value.QueueLimit;
    private int _inside;

    /// <summary>Images in the server.</summary>
    public int Inside => Volatile.Read(ref _inside);

    /// <summary>Memory for what arrives. It is apart from that for pixels: whoever holds pixels waits for nothing, so that nobody waits in a circle.</summary>
    public MemoryBudget Bodies { get; } = new(options.Value.MemoryBudget / 4);

    /// <summary>Memory for what is decoded.</summary>
    public MemoryBudget Pixels { get; } = new(options.Value.MemoryBudget - options.Value.MemoryBudget / 4);

    /// <summary>Lets an image in, unless the server is full; <see cref="Leave"/> it afterwards.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _inside) <= _limit) return true;
        Interlocked.Decrement(ref _inside);
        return false;
    }

    /// <summary>Images that leave.</summary>
    public void Leave(int images) => Interlocked.Add(ref _inside, -images);
}
