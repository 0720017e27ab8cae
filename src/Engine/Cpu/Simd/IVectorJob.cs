using System.Runtime.CompilerServices;

namespace IlgpuSpp.Engine.Cpu;

/// <summary>A parallel job whose items are written once for every vector width.</summary>
internal interface IVectorJob
{
    /// <summary>Does one item.</summary>
    /// <param name="item">Number of the item.</param>
    /// <param name="worker">Which worker runs it: selects scratch memory.</param>
    /// <typeparam name="TLanes">The vector.</typeparam>
    void Run<TLanes>(int item, int worker)
        where TLanes : unmanaged, ILanes<TLanes>;
}

/// <summary>Binds a job to the vector width of the backend.</summary>
internal readonly struct WidthJob<TJob>(TJob job, SimdLevel level) : IParallelJob
    where TJob : unmanaged, IVectorJob
{
    private readonly TJob _job = job;
    private readonly SimdLevel _level = level;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Run(int item, int worker)
    {
        switch (_level)
        {
            case SimdLevel.Avx512:
                _job.Run<Lanes512>(item, worker);
                break;
            case SimdLevel.Avx2:
                _job.Run<Lanes256>(item, worker);
                break;
            case SimdLevel.Vector128:
                _job.Run<Lanes128>(item, worker);
                break;
            default:
                _job.Run<LanesScalar>(item, worker);
                break;
        }
    }
}
