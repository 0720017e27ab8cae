using System.Runtime.InteropServices;

namespace IlgpuSpp.Distributed.Mpi;

/// <summary>
/// The system's MPI library, OpenMPI or MPICH and those that keep its binary interface (Intel MPI, MVAPICH). The standard leaves handles to the library: in OpenMPI
/// they are addresses of its exports, in MPICH numbers. Both fit into a register, so that one set of signatures serves.
/// </summary>
internal sealed unsafe class MpiLibrary
{
    /// <summary>Names the library to use.</summary>
    public const string Variable = "ILGPUSPP_MPI";

    private const string OpenMpiWorld = "ompi_mpi_comm_world";
    private const int Success = 0, LongestText = 8192;

    private static readonly string[] OpenMpiNames = ["libmpi.so.40", "libmpi.so"], MpichNames = ["libmpich.so.12", "libmpi.so.12", "libmpich.so"];

    private readonly delegate* unmanaged<nint, nint, int, int*, int> _initialise;
    private readonly delegate* unmanaged<int> _finalise;
    private readonly delegate* unmanaged<nint, int*, int> _rank, _size;
    private readonly delegate* unmanaged<nint, nint, int> _setErrorHandler;
    private readonly delegate* unmanaged<nint, int, int> _abort;
    private readonly delegate* unmanaged<byte*, int*, int> _version;
    private readonly delegate* unmanaged<int, byte*, int*, int> _errorText;
    private readonly delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int> _send, _receive;
    private readonly delegate* unmanaged<void*, int, nint, void*, int, nint, nint, nint*, int> _gather, _exchange;
    private readonly delegate* unmanaged<void*, void*, int, nint, nint, nint, nint*, int> _reduce;
    private readonly delegate* unmanaged<nint*, int*, nint, int> _test;
    private readonly nint _world, _byte, _float, _sum, _errorsReturn, _statusIgnore, _inPlace;

    private MpiLibrary(string name, nint library)
    {
        Name = name;
        nint Export(string function) => NativeLibrary.TryGetExport(library, function, out nint address) ? address : throw new DistributedException($"{name} is no MPI library that can be used: it has no {function}; name another one in {Variable}.");
        _initialise = (delegate* unmanaged<nint, nint, int, int*, int>)Export("MPI_Init_thread");
        _finalise = (delegate* unmanaged<int>)Export("MPI_Finalize");
        _rank = (delegate* unmanaged<nint, int*, int>)Export("MPI_Comm_rank");
        _size = (delegate* unmanaged<nint, int*, int>)Export("MPI_Comm_size");
        _setErrorHandler = (delegate* unmanaged<nint, nint, int>)Export("MPI_Comm_set_errhandler");
        _abort = (delegate* unmanaged<nint, int, int>)Export("MPI_Abort");
        _version = (delegate* unmanaged<byte*, int*, int>)Export("MPI_Get_library_version");
        _errorText = (delegate* unmanaged<int, byte*, int*, int>)Export("MPI_Error_string");
        _send = (delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int>)Export("MPI_Isend");
        _receive = (delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int>)Export("MPI_Irecv");
        _gather = (delegate* unmanaged<void*, int, nint, void*, int, nint, nint, nint*, int>)Export("MPI_Iallgather");
        _exchange = (delegate* unmanaged<void*, int, nint, void*, int, nint, nint, nint*, int>)Export("MPI_Ialltoall");
        _reduce = (delegate* unmanaged<void*, void*, int, nint, nint, nint, nint*, int>)Export("MPI_Iallreduce");
        _test = (delegate* unmanaged<nint*, int*, nint, int>)Export("MPI_Test");
        if (NativeLibrary.TryGetExport(library, OpenMpiWorld, out _world))
        {
            (_byte, _float, _sum, _errorsReturn) = (Export("ompi_mpi_byte"), Export("ompi_mpi_float"), Export("ompi_mpi_op_sum"), Export("ompi_mpi_errors_return"));
            (_statusIgnore, _inPlace) = (0, 1);
        }
        else
        {
            // The numbers of MPICH's mpi.h, which its ABI initiative keeps.
            (_world, _byte, _float, _sum, _errorsReturn) = (0x44000000, 0x4c00010d, 0x4c00040a, 0x58000003, 0x54000001);
            (_statusIgnore, _inPlace) = (1, -1);
        }
    }

    /// <summary>The library's file as it was asked for.</summary>
    public string Name { get; }

    /// <summary>What the library says it is, its first line.</summary>
    public string Version
    {
        get
        {
            byte* text = stackalloc byte[LongestText];
            int length = 0;
            Check(_version(text, &length));
            return Marshal.PtrToStringUTF8((nint)text, length).Split('\n')[0].Split(',')[0].Replace('\t', ' ').TrimEnd('\0', ' ', '\r');
        }
    }

    /// <summary>Finds the library: the one that <see cref="Variable"/> names, or that of the launcher, or the first that the system has.</summary>
    /// <exception cref="DistributedException">There is none, or it cannot be used.</exception>
    public static MpiLibrary Load()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return NativeLibrary.TryLoad(named, out nint chosen) ? new MpiLibrary(named, chosen) : throw new DistributedException($"the MPI library {named}, which {Variable} names, cannot be loaded; check its path.");
        bool mpichLauncher = Launcher.Find() is { IsOpenMpi: false };
        string[] names = mpichLauncher ? [.. MpichNames, .. OpenMpiNames] : [.. OpenMpiNames, .. MpichNames];
        foreach (string name in names)
            if (NativeLibrary.TryLoad(name, out nint library))
                return new MpiLibrary(name, library);
        throw new DistributedException($"no MPI library was found ({string.Join(", ", names)}); install OpenMPI or MPICH (Debian: openmpi-bin or mpich), or name a library in {Variable}.");
    }

    public void Initialise()
    {
        const int Serialised = 2;
        int provided;
        Check(_initialise(0, 0, Serialised, &provided));
        Check(_setErrorHandler(_world, _errorsReturn));
    }

    public void Finish() => Check(_finalise());

    public void Abort(int code) => _abort(_world, code);

    public int Rank
    {
        get
        {
            int rank;
            Check(_rank(_world, &rank));
            return rank;
        }
    }

    public int Size
    {
        get
        {
            int size;
            Check(_size(_world, &size));
            return size;
        }
    }

    // MPICH writes four bytes of a request, so that it is zeroed first.
    public nint Send(byte* value, int length, int rank, int tag)
    {
        nint request = 0;
        Check(_send(value, length, _byte, rank, tag, _world, &request));
        return request;
    }

    public nint Receive(byte* value, int length, int rank, int tag)
    {
        nint request = 0;
        Check(_receive(value, length, _byte, rank, tag, _world, &request));
        return request;
    }

    public nint AllGather(byte* mine, int length, byte* all)
    {
        nint request = 0;
        Check(_gather(mine, length, _byte, all, length, _byte, _world, &request));
        return request;
    }

    public nint AllToAll(float* send, int length, float* receive)
    {
        nint request = 0;
        Check(_exchange(send, length, _float, receive, length, _float, _world, &request));
        return request;
    }

    public nint AllReduce(float* values, int length)
    {
        nint request = 0;
        Check(_reduce((void*)_inPlace, values, length, _float, _sum, _world, &request));
        return request;
    }

    /// <summary>Whether an operation has ended; only this lets it go on.</summary>
    public bool Test(ref nint request)
    {
        int ended;
        fixed (nint* place = &request) Check(_test(place, &ended, _statusIgnore));
        return ended != 0;
    }

    private void Check(int code)
    {
        if (code == Success) return;
        byte* text = stackalloc byte[LongestText];
        int length = 0;
        string reason = _errorText(code, text, &length) == Success ? Marshal.PtrToStringUTF8((nint)text, length) : FormattableString.Invariant($"error {code}");
        throw new DistributedException($"{Name} failed: {reason.Split('\n')[0].TrimEnd('\0')}; the last checkpoint stands, resume the run.");
    }
}
