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
