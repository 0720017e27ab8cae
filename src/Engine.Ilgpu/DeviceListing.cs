namespace IlgpuSpp;

/// <summary>A device that can be opened, or one that might be expected and cannot.</summary>
/// <param name="Name">The name that opens it, e.g. <c>cuda:0</c>; the bare kind (<c>cuda</c>) where none of that kind is offered.</param>
/// <param name="Hardware">The hardware's own name and capability; empty where none is offered.</param>
/// <param name="MemoryBytes">Memory of the device in bytes, 0 where none is offered.</param>
/// <param name="Parallelism">Worker threads of a CPU or multiprocessors of a card, 0 where none is offered.</param>
/// <param name="Unavailable">Why the device is not offered; null where it is.</param>
public sealed record DeviceListing(string Name, string Hardware, long MemoryBytes, int Parallelism, string? Unavailable)
{
    /// <summary>Whether <see cref="Device.Open"/> can open it.</summary>
    public bool IsAvailable => Unavailable is null;
}
