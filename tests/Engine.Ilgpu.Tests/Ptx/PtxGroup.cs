namespace IlgpuSpp.Engine.Ilgpu.Tests.Ptx;

/// <summary>
/// Runs the threads of one group, one after another up to where they meet: warps at shuffles and <c>mma.sync</c>, the
/// group at barriers. Fragment layouts are those of the PTX ISA manual, "Matrix fragments for mma.m16n8k8" and "mma.m16n8k16".
/// </summary>
internal sealed unsafe class PtxGroup(PtxProgram program, byte[] parameters, IReadOnlyList<(ulong Start, ulong Bytes)> memory)
{
    private readonly byte[] _shared = new byte[program.SharedBytes];

    public void Run(int threads, int x, int y, int z)
    {
        PtxThread[] all = [.. Enumerable.Range(0, threads).Select(i => new PtxThread(this, i, program.RegisterCount))];
        foreach (PtxThread t in all)
        {
            t.Registers[program.Register("%tid.x")] = (ulong)t.Index;
            t.Registers[program.Register("%ntid.x")] = (ulong)threads;
            t.Registers[program.Register("%ctaid.x")] = (ulong)x;
            t.Registers[program.Register("%ctaid.y")] = (ulong)y;
            t.Registers[program.Register("%ctaid.z")] = (ulong)z;
        }
        while (!all.All(t => t.Done))
        {
            foreach (PtxThread[] warp in all.Chunk(32))
                while (RunWarp(warp)) { }
            PtxThread[] waiting = [.. all.Where(t => !t.Done)];
            if (waiting.Length == 0) break;
            if (waiting.Length != threads || waiting.Any(t => program.Instructions[t.Next].Meeting != PtxMeeting.Barrier))
                throw new InvalidOperationException("the threads of the group do not meet at one barrier");
            foreach (PtxThread t in waiting) t.Next++;
        }
    }

    public ulong Read(PtxThread thread, string space, ulong at, int size)
    {
        fixed (byte* local = thread.Local, shared = _shared, parameter = parameters)
        {
            byte* from = Locate(space, at, size, local, thread.Local.Length, shared, parameter);
            return size == 8 ? *(ulong*)from : *(uint*)from;
        }
    }

    public void Write(PtxThread thread, string space, ulong at, int size, ulong value)
    {
        fixed (byte* local = thread.Local, shared = _shared, parameter = parameters)
        {
            byte* to = Locate(space, at, size, local, thread.Local.Length, shared, parameter);
            if (size == 8) *(ulong*)to = value;
            else *(uint*)to = (uint)value;
        }
    }

    private byte* Locate(string space, ulong at, int size, byte* local, int localBytes, byte* shared, byte* parameter)
    {
        var (start, bytes) = space switch
        {
            "local" => ((nint)local, (ulong)localBytes),
            "shared" => ((nint)shared, (ulong)_shared.Length),
            "param" => ((nint)parameter, (ulong)parameters.Length),
            "global" => (0, ulong.MaxValue),
            _ => throw new NotSupportedException(space),
        };
        bool inside = space == "global" ? memory.Any(m => at >= m.Start && at + (ulong)size <= m.Start + m.Bytes) : at + (ulong)size <= bytes;
        if (!inside || at % (ulong)size != 0) throw new InvalidOperationException($"{size} bytes of {space} memory at {at} are outside or not aligned");
        return (byte*)start + at;
    }

    // Lets every thread go on to where it meets others; true if the warp met and can go on.
    private bool RunWarp(PtxThread[] warp)
    {
        foreach (PtxThread t in warp)
        {
            while (!t.Done && program.Instructions[t.Next] is { Meeting: PtxMeeting.None } instruction)
            {
                t.Next++;
                instruction.Run!(t);
            }
        }
        if (warp.All(t => t.Done)) return false;
        int at = warp[0].Next;
        if (warp.Any(t => t.Done || t.Next != at)) throw new InvalidOperationException($"the threads of a warp part before {program.Instructions[at].Text}");
        PtxInstruction meeting = program.Instructions[at];
        if (meeting.Meeting == PtxMeeting.Barrier) return false;
        if (meeting.Meeting == PtxMeeting.Shuffle) Shuffle(warp, meeting.Operands);
        else Multiply(warp, meeting.Operands, pairs: meeting.Meeting == PtxMeeting.Bf16);
        foreach (PtxThread t in warp) t.Next++;
        return true;
    }

    private static void Shuffle(PtxThread[] warp, int[] operands)
    {
        ulong[] sent = [.. warp.Select(t => t.Registers[operands[1]])];
        foreach (PtxThread t in warp) t.Registers[operands[0]] = sent[t.Index % 32 ^ 1];
    }

    // Operands: four of D, four of A, two of B, four of C.
    private static void Multiply(PtxThread[] warp, int[] r, bool pairs)
    {
        int depth = pairs ? 16 : 8;
        var a = new double[16, depth];
        var b = new double[depth, 8];
        for (int lane = 0; lane < 32; lane++)
        {
            int g = lane / 4, t = lane % 4;
            ulong[] values = warp[lane].Registers;
            for (int i = 0; i < 4; i++)
            {
                int row = g + 8 * (i % 2), block = i / 2;
                if (pairs)
                {
                    a[row, 2 * t + 8 * block] = Half((uint)values[r[4 + i]] & 0xFFFF);
                    a[row, 2 * t + 8 * block + 1] = Half((uint)values[r[4 + i]] >> 16);
                }
                else
                {
                    a[row, t + 4 * block] = Cut(values[r[4 + i]]);
                }
            }
            for (int i = 0; i < 2; i++)
            {
                if (pairs)
                {
                    b[2 * t + 8 * i, g] = Half((uint)values[r[8 + i]] & 0xFFFF);
                    b[2 * t + 8 * i + 1, g] = Half((uint)values[r[8 + i]] >> 16);
                }
                else
                {
                    b[t + 4 * i, g] = Cut(values[r[8 + i]]);
                }
            }
        }
        for (int lane = 0; lane < 32; lane++)
        {
            for (int i = 0; i < 4; i++)
            {
                int row = lane / 4 + 8 * (i / 2), column = 2 * (lane % 4) + i % 2;
                double sum = PtxArithmetic.Float(warp[lane].Registers[r[10 + i]]);
                for (int k = 0; k < depth; k++) sum += a[row, k] * b[k, column];
                warp[lane].Registers[r[i]] = PtxArithmetic.Bits((float)sum);
            }
        }
    }

    private static double Half(uint bits) => PtxArithmetic.Float(bits << 16);

    // The card reads 19 bits of a tf32 factor.
    private static double Cut(ulong bits) => PtxArithmetic.Float(bits & 0xFFFFE000);
}
