using System.Collections.Immutable;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace ILGPU;

/// <summary>The devices that were asked for.</summary>
public sealed class Context : IDisposable
{
    private Context(ImmutableArray<Device> devices) => Devices = devices;

    /// <summary>The devices.</summary>
    public ImmutableArray<Device> Devices { get; }

    /// <summary>Creates a context.</summary>
    /// <param name="buildingCallback">Names the devices.</param>
    public static Context Create(Action<Builder> buildingCallback)
    {
        ArgumentNullException.ThrowIfNull(buildingCallback);
        var builder = new Builder();
        buildingCallback(builder);
        return new Context([.. builder.Devices]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Nothing is held.
    }

    /// <summary>Collects the devices of a context.</summary>
    public sealed class Builder
    {
        internal List<Device> Devices { get; } = [];

        /// <summary>Profiling markers are always allowed here.</summary>
        public Builder Profiling() => this;
    }
}
