using System.Runtime.ExceptionServices;

namespace ILGPU.Runtime.CPU;

/// <summary>
/// Calls kernels on the CPU. The threads of a group are threads of the system, kept between launches; each goes through
/// all groups of the grid, with a barrier after each.
/// </summary>
/// <param name="device">The device.</param>
public sealed class CPUAccelerator(CPUDevice device) : Accelerator(device)
{
    private const int SmallestRun = 256;

    private readonly Lock _launch = new();

    internal override void RunIndices(string name, int count, Action<int> body)
    {
        int runs = Math.Clamp(count / SmallestRun, 1, Environment.ProcessorCount);
        ExceptionDispatchInfo? failure = null;
        Parallel.For(0, runs, run =>
        {
            RunningKernel.Enter(new RunningKernel(name, new KernelConfig(new Index3D(count, 1, 1), new Index3D(1, 1, 1)), null, null));
            try
            {
                int last = (int)((long)count * (run + 1) / runs);
                for (int i = (int)((long)count * run / runs); i < last; i++) body(i);
            }
            catch (Exception error)
            {
                // Passed on to the caller as it was thrown, not wrapped in the loop's own exception.
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(error), null);
            }
            finally
            {
                RunningKernel.Enter(null);
            }
        });
        failure?.Throw();
    }

    internal override void RunGroups(string name, KernelConfig config, Action body)
    {
        int size = config.GroupDim.Size;
        if (size > MaxNumThreadsPerGroup) throw new ArgumentException($"Kernel {name}: {size} threads a group, {MaxNumThreadsPerGroup} at most.", nameof(config));
        lock (_launch)
        {
            using var memory = new GroupMemory();
            using var barrier = new Barrier(size);
            ExceptionDispatchInfo? failure = null;
            void Work(int index)
            {
                var kernel = new RunningKernel(name, config, memory, barrier) { GroupIndex = new Index3D(index, 0, 0) };
                RunningKernel.Enter(kernel);
                try
                {
                    for (int z = 0; z < config.GridDim.Z; z++)
                        for (int y = 0; y < config.GridDim.Y; y++)
                            for (int x = 0; x < config.GridDim.X && Volatile.Read(ref failure) is null; x++)
                            {
                                kernel.EnterGroup(new Index3D(x, y, z));
                                body();
                                barrier.SignalAndWait();
                            }
                }
                catch (Exception error)
                {
                    Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(error), null);
                }
                finally
                {
                    // The others must not wait for a thread that has left.
                    barrier.RemoveParticipant();
                    RunningKernel.Enter(null);
                }
            }
            _threads.Run(size, Work);
            failure?.Throw();
        }
    }

    private readonly GroupThreads _threads = new();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _threads.Dispose();
    }
}
