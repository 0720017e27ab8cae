using IlgpuSpp.KernelTool;

// usage, from the repository root:
//   dotnet run --project eng/Kernels -- write          writes the generated kernels of src/Engine.Ilgpu
//   dotnet run --project eng/Kernels -- table FOLDER   assembles the PTX texts of a folder and prints tables (eng/ptx-table.sh)
switch (args)
{
    case ["write"]:
        foreach (var (path, text) in GeneratedKernels.All()) File.WriteAllText(path, text);
        return 0;
    case ["table", string folder]:
        return AssemblyTable.Print(folder, Console.Out, Console.Error);
    default:
        Console.Error.WriteLine("usage: write | table FOLDER");
        return 2;
}
