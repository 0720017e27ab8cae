namespace IlgpuSpp.Engine;

/// <summary>A compute device cannot be opened or failed while it was used.</summary>
public class DeviceException : IlgpuSppException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="device">The device as the user names it, e.g. <c>cuda:1</c>.</param>
    /// <param name="reason">What went wrong and what to do about it.</param>
    /// <param name="inner">The driver's own exception, where there is one.</param>
    public DeviceException(string device, string reason, Exception? inner = null)
        : base($"Device {device}: {reason}", inner) => Device = device;

    /// <summary>The device as the user names it.</summary>
    public string Device { get; }
}

/// <summary>A device has not enough memory for a request.</summary>
/// <param name="device">The device as the user names it.</param>
/// <param name="requestedBytes">Bytes asked for.</param>
/// <param name="heldBytes">Bytes already held by this process.</param>
/// <param name="availableBytes">Bytes that were free.</param>
/// <param name="inner">The driver's own exception, where there is one.</param>
/// <param name="advice">What to do about it, where more is known than to use less.</param>
public sealed class DeviceMemoryException(string device, long requestedBytes, long heldBytes, long availableBytes, Exception? inner = null, string? advice = null)
    : DeviceException(device, $"out of memory: {Megabytes(requestedBytes)} asked for, {Megabytes(heldBytes)} held, {Megabytes(availableBytes)} free; {advice ?? "use a smaller batch or image size"}.", inner)
{
    /// <summary>Bytes asked for.</summary>
    public long RequestedBytes { get; } = requestedBytes;

    /// <summary>Bytes already held by this process.</summary>
    public long HeldBytes { get; } = heldBytes;

    /// <summary>Bytes that were free.</summary>
    public long AvailableBytes { get; } = availableBytes;

    private static string Megabytes(long bytes) => FormattableString.Invariant($"{bytes / 1048576.0:F1} MB");
}
