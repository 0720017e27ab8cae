namespace ILGPU.Runtime
{
    /// <summary>A device.</summary>
    public abstract class Device
    {
        /// <summary>Its name.</summary>
        public string Name { get; protected init; } = "";

        /// <summary>Memory in bytes.</summary>
        public long MemorySize { get; protected init; }

        /// <summary>Multiprocessors.</summary>
        public int NumMultiprocessors { get; protected init; }

        /// <summary>Threads of a group, at most.</summary>
        public int MaxNumThreadsPerGroup { get; protected init; }

        /// <summary>Opens the device.</summary>
        /// <param name="context">The context.</param>
        public abstract Accelerator CreateAccelerator(Context context);
    }
}

namespace ILGPU.Runtime.CPU
{
    /// <summary>The CPU.</summary>
    public sealed class CPUDevice : Device
    {
        /// <summary>Describes a CPU.</summary>
        /// <param name="numThreadsPerWarp">Threads of a warp.</param>
        /// <param name="numWarpsPerMultiprocessor">Warps.</param>
        /// <param name="numMultiprocessors">Multiprocessors.</param>
        public CPUDevice(int numThreadsPerWarp, int numWarpsPerMultiprocessor, int numMultiprocessors)
        {
            Name = "CPU";
            MemorySize = long.MaxValue;
            NumMultiprocessors = numMultiprocessors;
            MaxNumThreadsPerGroup = numThreadsPerWarp * numWarpsPerMultiprocessor;
        }

        /// <inheritdoc/>
        public override Accelerator CreateAccelerator(Context context) => new CPUAccelerator(this);
    }

    /// <summary>The CPU as a device of a context.</summary>
    public static class CPUContextExtensions
    {
        /// <summary>Adds a CPU.</summary>
        /// <param name="builder">The builder.</param>
        /// <param name="device">The CPU.</param>
        public static Context.Builder CPU(this Context.Builder builder, CPUDevice device)
        {
            ArgumentNullException.ThrowIfNull(builder);
            builder.Devices.Add(device);
            return builder;
        }
    }
}
