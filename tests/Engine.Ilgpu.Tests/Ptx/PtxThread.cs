namespace IlgpuSpp.Engine.Ilgpu.Tests.Ptx;

/// <summary>The state of one thread of an interpreted kernel.</summary>
internal sealed class PtxThread(PtxGroup group, int index, int registers)
{
    public PtxGroup Group => group;

    public int Index => index;

    public ulong[] Registers { get; } = new ulong[registers];

    public byte[] Local { get; } = new byte[256];

    public int Next { get; set; }

    public bool Done { get; set; }
}
